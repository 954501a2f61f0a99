package server_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sortition/relay/internal/demo"
	"sortition/relay/internal/server"
)

// edits is a demo that remembers its edits, or refuses them.
type edits struct {
	refusal error
	made    []string
}

func (e *edits) SetAllocation(key string, allocation []demo.Range) (string, error) {
	e.made = append(e.made, fmt.Sprint(key, allocation))
	return "8", e.refusal
}

const half = `{"experimentKey":"item-sort","trafficAllocation":[{"entityId":"1","endOfRange":5000},{"entityId":"","endOfRange":10000}]}`

// patch is a request of the page at base.
func patch(base, body string, status int, says string) check {
	return check{"", "PATCH", "/v1/demo/allocation", body, header("Origin", base, "Content-Type", "application/json"), status, says}
}

func TestThePageEditsTheDemo(t *testing.T) {
	e := &edits{}
	r := MustStart(t, func(o *server.Options) { o.Demo = e })
	patch(r.url, half, 200, `{"revision":"8"}`).run(t, r.url)
	if diff := cmp.Diff([]string{"item-sort[{1 5000} { 10000}]"}, e.made); diff != "" {
		t.Error(diff)
	}
	t.Run("behind a proxy that ends TLS too", func(t *testing.T) {
		patch(strings.Replace(r.url, "http:", "https:", 1), half, 200, "").run(t, r.url)
	})
	t.Run("unless the demo's datafile is another's", func(t *testing.T) {
		other := MustStart(t, nil)
		patch(other.url, half, 404, "another source").run(t, other.url)
	})
}

func TestOnlyTheRelaysOwnPageEditsTheDemo(t *testing.T) {
	e := &edits{}
	r := MustStart(t, func(o *server.Options) { o.Demo, o.AllowedOrigins = e, []string{"*"} })
	for name, origin := range map[string]string{
		"not a foreign page": "https://evil.example", "not a page that hides": "null", "not one on another port": "http://127.0.0.1:1",
		"not one whose name begins alike": r.url + ".evil.example", "not what is no page": "",
	} {
		t.Run(name, func(t *testing.T) {
			c := patch(origin, half, 403, "own page")
			if origin == "" {
				c.header.Del("Origin")
			}
			c.run(t, r.url)
		})
	}
	if e.made != nil {
		t.Errorf("edited: %q", e.made)
	}
	t.Run("nor is a foreign page's preflight told otherwise", func(t *testing.T) {
		c := check{"", "OPTIONS", "/v1/demo/allocation", "", header("Origin", "https://evil.example", "Access-Control-Request-Method", "PATCH"), 204, ""}
		if got := c.run(t, r.url); strings.Contains(got.Header.Get("Access-Control-Allow-Methods"), "PATCH") {
			t.Errorf("%v", got.Header)
		}
	})
}

func TestAnEditThatIsWrongNamesItsField(t *testing.T) {
	for _, test := range []struct{ name, body, field string }{
		{"not JSON", `oh`, ""},
		{"no object", `[]`, ""},
		{"two objects", half + half, ""},
		{"no experiment", `{"trafficAllocation":[]}`, "experimentKey"},
		{"an experiment that is no text", `{"experimentKey":1,"trafficAllocation":[]}`, "experimentKey"},
		{"no allocation", `{"experimentKey":"e"}`, "trafficAllocation"},
		{"an allocation that is no array", `{"experimentKey":"e","trafficAllocation":"all"}`, "trafficAllocation"},
		{"a range that is no object", `{"experimentKey":"e","trafficAllocation":[1]}`, "trafficAllocation[0]"},
		{"a range without an id", `{"experimentKey":"e","trafficAllocation":[{"endOfRange":1}]}`, "trafficAllocation[0].entityId"},
		{"a range without an end", `{"experimentKey":"e","trafficAllocation":[{"entityId":""}]}`, "trafficAllocation[0].endOfRange"},
		{"an end that is no whole number", `{"experimentKey":"e","trafficAllocation":[{"entityId":"","endOfRange":0.5}]}`, "trafficAllocation[0].endOfRange"},
		{"a member that is none", `{"experimentKey":"e","sdkKey":"sandbox","trafficAllocation":[]}`, "sdkKey"},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := &edits{}
			r := MustStart(t, func(o *server.Options) { o.Demo = e })
			got := patch(r.url, test.body, 400, "").run(t, r.url)
			if field := fmt.Sprintf(`"field":%q`, test.field); test.field != "" && !strings.Contains(got.Body, field) || e.made != nil {
				t.Errorf("%s, edited: %q", got.Body, e.made)
			}
		})
	}
}

func TestAnEditThatIsRefusedSaysWhy(t *testing.T) {
	for _, test := range []struct {
		name    string
		refusal error
		status  int
		says    string
	}{
		{"by a variation that is not there", &demo.FieldError{Field: "trafficAllocation[0].entityId", Message: "no"}, 400, `"field":"trafficAllocation[0].entityId"`},
		{"by an experiment that is not there", &demo.FieldError{Field: "experimentKey", Message: "no", NotFound: true}, 404, `"field":"experimentKey"`},
		{"by a broken file", fmt.Errorf("%w: /secret/path", demo.ErrUneditable), 409, "repair"},
		{"by the disk", errors.New("/secret/path: full"), 503, "written"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := MustStart(t, func(o *server.Options) { o.Demo = &edits{refusal: test.refusal} })
			if got := patch(r.url, half, test.status, test.says).run(t, r.url); strings.Contains(got.Body, "secret") {
				t.Errorf("everyone is told %s", got.Body)
			}
		})
	}
	r := MustStart(t, func(o *server.Options) { o.Demo = &edits{} })
	t.Run("by its size", func(t *testing.T) {
		patch(r.url, half+strings.Repeat(" ", 16<<10), 413, "bytes").run(t, r.url)
	})
	t.Run("by its type", func(t *testing.T) {
		c := patch(r.url, half, 415, "application/json")
		c.header.Set("Content-Type", "text/plain")
		c.run(t, r.url)
	})
}

func TestEditsAreLimitedInTheirRate(t *testing.T) {
	r := MustStart(t, func(o *server.Options) { o.Demo = &edits{} })
	for taken := range 10_000 {
		got := mustAsk(t, patch(r.url, half, 0, ""), r.url)
		if got.Status == http.StatusTooManyRequests {
			if taken < 10 {
				t.Errorf("only %d edits on end were taken", taken)
			}
			if got.Header.Get("Retry-After") == "" {
				t.Error("it does not say when to try again")
			}
			return
		}
	}
	t.Error("10000 edits on end were taken")
}
