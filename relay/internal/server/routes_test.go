package server_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sortition/relay/internal/relaytest"
)

// A route in the source, and the parts of its path that a request fills in.
var (
	route    = regexp.MustCompile(`"([A-Z]+) (/[^"]*)"`)
	wildcard = regexp.MustCompile(`\{[^}]*\}`)
)

func TestEveryAddressTellsWhichMethodsItTakes(t *testing.T) {
	r := MustStart(t, nil)
	public, operators, _ := strings.Cut(relaytest.MustRead(t, "routes.go"), "AdminHandler()")
	for base, source := range map[string]string{r.url: public, r.admin: operators} {
		routes := route.FindAllStringSubmatch(source, -1)
		if len(routes) < 10 {
			t.Fatalf("only %d routes are found", len(routes))
		}
		for _, one := range routes {
			path := wildcard.ReplaceAllString(one[2], "demo")
			takes := methodsOf(path, routes)
			for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
				if slices.Contains(takes, method) {
					continue
				}
				allow := strings.Join(takes, ", ")
				got := relaytest.MustDo(t, method, base+path, "", nil)
				if got.Status != http.StatusMethodNotAllowed || got.Header.Get("Allow") != allow || method != "HEAD" && !strings.Contains(got.Body, "this address takes "+allow) {
					t.Errorf("%s %s: %d, Allow: %s, %s; it takes %s", method, path, got.Status, got.Header.Get("Allow"), got.Body, allow)
				}
			}
		}
	}
}

// methodsOf are those of every route that a path is of, in order.
func methodsOf(path string, routes [][]string) (methods []string) {
	for _, one := range routes {
		if regexp.MustCompile("^" + wildcard.ReplaceAllString(one[2], "[^/]+") + "$").MatchString(path) {
			methods = append(methods, one[1])
		}
	}
	if slices.Contains(methods, http.MethodGet) {
		methods = append(methods, http.MethodHead)
	}
	slices.Sort(methods)
	return slices.Compact(methods)
}
