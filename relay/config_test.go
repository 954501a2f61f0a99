package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"sortition/relay/internal/relaytest"
)

func TestWrongSettingsNameThemselves(t *testing.T) {
	file := filepath.Join(t.TempDir(), "relay.json")
	relaytest.MustWrite(t, file, `{"listn": ":0"}`)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, test := range []struct {
		name string
		args string
		says []string
	}{
		{"an unknown flag", "--nope", []string{"--nope"}},
		{"no duration", "--poll-interval 5", []string{"--poll-interval", "unit"}},
		{"too long a time", "--retain 70000d", []string{"--retain", `"70000d" is too long; at most 65535d is allowed`}},
		{"too short an interval", "--poll-interval 1ms", []string{"--poll-interval", "1s"}},
		{"no address", "--listen 80", []string{"--listen", "host:port"}},
		{"a taken port", "--listen " + taken.Addr().String(), []string{"--listen", "in use"}},
		{"a taken operator's port", "--listen 127.0.0.1:0 --admin " + taken.Addr().String(), []string{"--admin", "in use"}},
		{"an open operator's port", "--admin :0", []string{"--admin", "--admin-token"}},
		{"a project without a source", "--project shop", []string{"--project", "SDKKEY=SOURCE"}},
		{"a key that is a path", "--project ../shop=cdn", []string{"--project", "letters"}},
		{"a source it cannot read", "--project shop=ftp://x/y", []string{"--project", "http://"}},
		{"a project twice", "--project a=cdn --project a=cdn", []string{"--project", "twice"}},
		{"a token of nobody", "--access-token x=y", []string{"--access-token", "--project"}},
		{"half a token", "--access-token x", []string{"--access-token", "SDKKEY=TOKEN"}},
		{"an origin with a path", "--allow-origin https://a.example/b", []string{"--allow-origin", "scheme://host"}},
		{"a pattern for an origin", "--allow-origin https://*.shop.example", []string{"--allow-origin", "pattern", "name each"}},
		{"an origin with a slash", "--allow-origin https://shop.example/", []string{"--allow-origin", "slash"}},
		{"an origin that browsers write otherwise", "--allow-origin https://Shop.example", []string{"--allow-origin", "lower case"}},
		{"an origin beyond ASCII", "--allow-origin https://bücher.example", []string{"--allow-origin", "as browsers send it"}},
		{"an origin without its port", "--allow-origin https://shop.example:", []string{"--allow-origin", "scheme://host[:port]"}},
		{"an origin with the port of https", "--allow-origin https://shop.example:443", []string{"--allow-origin", "the origin is https://shop.example"}},
		{"an origin with the port of http", "--allow-origin http://[::1]:80", []string{"--allow-origin", "the origin is http://[::1]"}},
		{"no address for events", "--events-url shop", []string{"--events-url", "http://"}},
		{"no address of a CDN", "--notify-url cdn.example", []string{"--notify-url", "such as https://cdn.example"}},
		{"a CDN with a password", "--notify-url https://me:" + secrets + "@cdn.example", []string{"--notify-url", "every visitor could read"}},
		{"a CDN with a query", "--notify-url https://cdn.example/?key=1", []string{"--notify-url", "behind the path"}},
		{"a CDN with a fragment", "--notify-url https://cdn.example/#1", []string{"--notify-url", "behind the path"}},
		{"a CDN whose host no policy can name", "--notify-url https://cdn.example;x", []string{"--notify-url", "https://cdn.example"}},
		{"no size", "--max-backlog 2GB", []string{"--max-backlog", "2GiB"}},
		{"too small a size", "--max-backlog 1KiB", []string{"--max-backlog", "16MiB"}},
		{"no connections", "--max-connections 0", []string{"--max-connections", "1"}},
		{"pages told over months", "--notify-spread 1000h", []string{"--notify-spread", "24h"}},
		{"pages back over months", "--reconnect-spread 1000h", []string{"--reconnect-spread", "24h"}},
		{"two wrong ports, of which the first is told", "--admin 81 --listen 80", []string{"--listen", "host:port"}},
		{"no time to stop", "--shutdown-timeout 0s", []string{"--shutdown-timeout"}},
		{"no such site", "--listen 127.0.0.1:0 --admin 127.0.0.1:0 --site /nowhere/to/be/found", []string{"--site", "/nowhere"}},
		{"a folder without a site", "--listen 127.0.0.1:0 --admin 127.0.0.1:0 --site internal", []string{"--site", "internal", "index.html"}},
		{"a data folder that is a file", "--listen 127.0.0.1:0 --admin 127.0.0.1:0 --data-dir " + file, []string{"--data-dir", file}},
		{"a data folder in a file", "--listen 127.0.0.1:0 --admin 127.0.0.1:0 --project shop=cdn --data-dir " + file + "/data", []string{"--data-dir", file}},
		{"a fleet's id without a fleet", "--nats-fleet x", []string{"--nats-fleet", "--nats "}},
		{"a fleet's default id without a fleet", "--nats-fleet sortition", []string{"--nats-fleet", "--nats "}},
		{"credentials that are not there", "--listen 127.0.0.1:0 --admin 127.0.0.1:0 --nats nats://127.0.0.1:1 --nats-credentials /nowhere.creds", []string{"--nats-credentials: ", "/nowhere.creds"}},
		{"credentials that are not there to read with", "events --nats nats://127.0.0.1:1 --nats-credentials /nowhere.creds", []string{"--nats-credentials: ", "/nowhere.creds"}},
		{"replicas without a fleet", "--nats-replicas 3", []string{"--nats-replicas", "--nats "}},
		{"a fleet's id without a fleet to read from", "events --nats-fleet x", []string{"--nats-fleet", "--nats "}},
		{"an unknown member of the file", "--config " + file, []string{"listn", "listen"}},
		{"a number that looks like a flag", "--handshake-rate -1", []string{"--handshake-rate: it wants N", "--handshake-rate=N"}},
		{"a duration that looks like a flag", "--config " + file + " --poll-interval -5m", []string{"--poll-interval: it wants DURATION", "--poll-interval=DURATION"}},
		{"a flag in place of a value", "--listen --admin :0", []string{"--listen: it wants HOST:PORT"}},
		{"nothing behind a flag", "webhook --url", []string{"--url: it wants URL"}},
		{"a key for another page", "--page-project shop", []string{"--page-project", "shop", "demo", "sandbox"}},
		{"an order there is not", "--page-sort a=colour", []string{"--page-sort", "price, category"}},
		{"a variation sorted twice", "--page-sort a=price --page-sort a=category", []string{"--page-sort", "twice"}},
		{"a template without a key", "--cdn-url https://cdn.example/a.json", []string{"--cdn-url", "%s"}},
		{"a token twice", "--access-token demo=a,demo=b", []string{"--access-token", "twice"}},
		{"no such file", "--config /nowhere.json", []string{"--config", "/nowhere.json"}},
		{"no address for a webhook", "webhook --url localhost:8080/webhook", []string{"--url", "http://"}},
		{"no project id", "webhook --project-id x", []string{"--project-id", "number"}},
		{"no revision", "webhook --revision abc", []string{`--revision: "abc" is not a revision`, "42"}},
		{"a negative revision", "webhook --revision=-1", []string{`--revision: "-1" is not a revision`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := run(t.Context(), strings.Fields(test.args), io.Discard, io.Discard)
			for _, part := range test.says {
				if err == nil || !strings.Contains(err.Error(), part) {
					t.Errorf("%v does not say %q", err, part)
				}
			}
		})
	}
}

func TestOriginsAreThoseThatBrowsersSend(t *testing.T) {
	for _, text := range []string{"*", "https://shop.example", "http://localhost:8080", "https://shop.example:80", "http://[::1]:8080",
		"https://xn--bcher-kva.example", "capacitor://localhost", "chrome-extension://abcdefgh"} {
		var o origin
		if err := o.UnmarshalText([]byte(text)); err != nil || string(o) != text {
			t.Errorf("%s: %q, %v", text, o, err)
		}
	}
}

func TestAnEmptySettingIsRefused(t *testing.T) {
	parser, err := kong.New(&serveCommand{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop() // a relay that starts all the same ends at once
	refused := func(setting string, args ...string) {
		t.Helper()
		err := run(ctx, args, io.Discard, io.Discard)
		if err == nil || !strings.HasPrefix(err.Error(), "--"+setting) || !strings.Contains(err.Error(), "it is empty; leave it out") {
			t.Errorf("%q: %v", args, err)
		}
	}
	t.Chdir(t.TempDir())
	for _, flag := range parser.Model.Flags {
		if flag.Name == "help" {
			continue
		}
		refused(flag.Name, "--"+flag.Name, "")
		refused(flag.Name, "--"+flag.Name+"=")
		relaytest.MustWrite(t, "relay.json", `{"`+flag.Name+`": ""}`)
		refused(flag.Name, "--config", "relay.json")
	}
	refused("config", "--config", "")
	refused("sdk-key", "events", "--sdk-key", "")
	refused("webhook-secret", "webhook", "--secret", "")
}

func TestAValueBehindAnEqualsSignMayBeginWithADash(t *testing.T) {
	err := run(t.Context(), []string{"--handshake-rate=-1"}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "--handshake-rate: -1 is too few") {
		t.Error(err)
	}
}

// secrets is what no error may repeat.
const secrets = "s3cret"

func TestAWrongSettingTellsWhereItCameFrom(t *testing.T) {
	for _, test := range []struct {
		name     string
		variable string
		file     string
		args     string
		says     []string
	}{
		{"a variable", "RELAY_POLL_INTERVAL=5", "", "", []string{"--poll-interval (environment variable RELAY_POLL_INTERVAL)", "30s"}},
		{"a variable that does not go with the rest", "RELAY_POLL_INTERVAL=1ms", "", "", []string{"(environment variable RELAY_POLL_INTERVAL)", "1s"}},
		{"a variable with a secret", "RELAY_ACCESS_TOKEN=" + secrets, "", "", []string{"(environment variable RELAY_ACCESS_TOKEN)", "SDKKEY=TOKEN"}},
		{"a variable with credentials", "RELAY_PROJECT=shop=ftp://me:" + secrets + "@x", "", "", []string{"(environment variable RELAY_PROJECT)", "shop", "https://"}},
		{"a variable with an address", "RELAY_EVENTS_URL=me:" + secrets, "", "", []string{"(environment variable RELAY_EVENTS_URL)", "https://"}},
		{"a flag whose secret looks like a flag", "", "", "--admin-token -" + secrets, []string{"--admin-token: it wants TOKEN"}},
		{"a variable that names no file", "RELAY_CONFIG=/nowhere.json", "", "", []string{"--config (environment variable RELAY_CONFIG): ", "/nowhere.json"}},
		{"a flag before a variable that names no file", "RELAY_CONFIG=/nowhere.json", "[]", "", []string{"--config: ", "relay.json"}},
		{"an empty variable, which is as good as none", "RELAY_CONFIG=", "", "--poll-interval 1ms", []string{"--poll-interval: 1ms is too short"}},
		{"a folder that is none", "", "{\"listen\":\":0\", \"admin\":\"127.0.0.1:0\",\n\"data-dir\":\"config_test.go\"}", "", []string{"--data-dir (", "line 2): ", "config_test.go"}},
		{"an address of another machine", "RELAY_LISTEN=192.0.2.1:80", "", "", []string{"--listen (environment variable RELAY_LISTEN): ", "192.0.2.1:80"}},
		{"a member", "", "{\n\"listen\": \":0\",\n\"max-backlog\": \"2GB\"}", "", []string{"--max-backlog (", "relay.json, line 3)", "2GiB"}},
		{"a member that does not go with the rest", "", "{\n\n\"max-connections\": 0}", "", []string{"--max-connections (", "line 3)", "at least 1"}},
		{"an element of a member", "", `{"allow-origin": ["https://a.example", "b.example"]}`, "", []string{"--allow-origin (", "line 1)", "b.example"}},
		{"a member of another type", "", `{"results-token": ["` + secrets + `"]}`, "", []string{"--results-token (", "line 1)", "a text or a number"}},
		{"an empty secret among others", "", `{"webhook-secret": ["a", ""]}`, "", []string{"--webhook-secret (", "line 1)", "one of them is empty"}},
		{"an empty secret before a comma", "RELAY_WEBHOOK_SECRET=,a", "", "", []string{"(environment variable RELAY_WEBHOOK_SECRET)", "one of them is empty"}},
		{"an element of another type", "", `{"webhook-secret": [{"a": "` + secrets + `"}]}`, "", []string{"--webhook-secret (", "text"}},
		{"a secret among the elements", "", `{"access-token": ["` + secrets + `"]}`, "", []string{"--access-token (", "line 1): it is not SDKKEY=TOKEN"}},
		{"a proxy that is none", "", `{"trusted-proxy": ["10.0.0.0/8", "proxy.example"]}`, "", []string{"--trusted-proxy (", "line 1)", "proxy.example", "10.0.0.0/8"}},
		{"nothing", "", `{"data-dir": null}`, "", []string{"--data-dir (", "a text"}},
		{"a member twice", "", "{\"listen\":\":0\",\n\"listen\":\":0\"}", "", []string{"--config", "line 2", "twice"}},
		{"a member that is no setting", "", "{\n\"listn\": \":0\"}", "", []string{"--config", "line 2", "listn", "listen"}},
		{"a member that is only a flag", "", "{\n\"help\": true}", "", []string{"--config", "line 2", `"help" is no setting`}},
		{"a member that is a command's", "", `{"version": "1"}`, "", []string{"--config", "line 1", `"version" is no setting`}},
		{"a file that is not JSON", "", "{\n\"listen\": :0}", "", []string{"--config", "relay.json, line 2"}},
		{"a member of a file that begins with a byte order mark", "", "\ufeff{\n\"max-backlog\": \"2GB\"}", "", []string{"--max-backlog (", "relay.json, line 2)"}},
		{"a file in UTF-16", "", "\xff\xfe{\x00}\x00", "", []string{"--config", "relay.json is not UTF-8", "UTF-16"}},
		{"a file that is no object", "", `[]`, "", []string{"--config", "relay.json", "object"}},
		{"a flag before both", "RELAY_POLL_INTERVAL=1m", `{"poll-interval":"1m"}`, "--poll-interval 1x", []string{"--poll-interval: ", "30s"}},
		{"a variable before the file", "RELAY_POLL_INTERVAL=1x", `{"poll-interval":"1m"}`, "", []string{"(environment variable"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			args := strings.Fields(test.args)
			if name, value, ok := strings.Cut(test.variable, "="); ok {
				t.Setenv(name, value)
			}
			if test.file != "" {
				path := filepath.Join(t.TempDir(), "relay.json")
				relaytest.MustWrite(t, path, test.file)
				args = append(args, "--config", path)
			}
			err := run(t.Context(), args, io.Discard, io.Discard)
			for _, part := range test.says {
				if err == nil || !strings.Contains(err.Error(), part) {
					t.Errorf("%v does not say %q", err, part)
				}
			}
			if err != nil && strings.Contains(err.Error(), secrets) {
				t.Errorf("the secret is told: %v", err)
			}
		})
	}
}

func TestSettingsComeFromFlagThenEnvironmentThenFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "relay.json")
	relaytest.MustWrite(t, file, `{"allow-origin":["https://file.example"],"results-token":"file","max-connections":1}`)
	t.Setenv("RELAY_CONFIG", file)
	t.Setenv("RELAY_ALLOW_ORIGIN", "https://a.example,https://b.example")
	t.Setenv("RELAY_NO_SUCH_SETTING", "1")
	t.Setenv("RELAY_RESULTS_TOKEN", "") // as good as none
	s := MustStart(t, "", "--project", "shop="+filepath.Join("..", "public", "demo", "datafile.json")).awaitReady(t)
	for origin, want := range map[string]bool{"https://a.example": true, "https://b.example": true, "https://file.example": false} {
		got := relaytest.MustDo(t, "GET", s.url+"/healthz", "", http.Header{"Origin": {origin}})
		if allowed := got.Header.Get("Access-Control-Allow-Origin") == origin; allowed != want {
			t.Errorf("%s allowed: %v", origin, allowed)
		}
	}
	first := relaytest.MustSubscribe(t, s.url+"/v1/stream", relaytest.Hello{SDKKey: "shop"})
	awaitRevision(t, first, "1")
	if code, _ := relaytest.MustDial(t, s.url+"/v1/stream", nil).WaitClose(t); code != 4429 {
		t.Errorf("a second page was closed with %d", code)
	}
	// 503 would say that the token is right, and the events are still being counted.
	if got := relaytest.MustDo(t, "GET", s.url+"/v1/results/shop", "", http.Header{"Authorization": {"Bearer file"}}); got.Status == http.StatusUnauthorized {
		t.Errorf("the results do not open with the file's token: %s", got.Body)
	}
	if !strings.Contains(s.log.String(), "RELAY_NO_SUCH_SETTING") {
		t.Error("nothing is said of a variable that is no setting")
	}
}

func TestHelpAndVersion(t *testing.T) {
	for args, says := range map[string][]string{
		"--help":         {"Usage: relay [<command>] [flags]", "webhook ", "RELAY_DATA_DIR", "Projects:", "--webhook-secret", "Default: 127.0.0.1:8081.", "Default: 5m."},
		"serve --help":   {"--data-dir", "Default: ./data."},
		"webhook --help": {"--revision", "RELAY_WEBHOOK_SECRET"},
		"--version":      {"relay "},
	} {
		var out strings.Builder
		err := run(t.Context(), strings.Fields(args), &out, io.Discard)
		for _, part := range says {
			if err != nil || !strings.Contains(out.String(), part) {
				t.Errorf("%s does not say %q: %v\n%s", args, part, err, out.String())
			}
		}
	}
}

func TestTheOrdersAreThePages(t *testing.T) {
	catalogue := relaytest.MustRead(t, "../public/lib/catalogue.js")
	for order := range strings.SplitSeq(orders, ", ") {
		if !strings.Contains(catalogue, order+": (a, b) =>") && !strings.Contains(catalogue, "OWN_ORDER = '"+order+"'") {
			t.Errorf("the page does not know the order %s", order)
		}
	}
}

func TestHelpTellsTheDefaultOfEverySetting(t *testing.T) {
	parser, err := kong.New(&serveCommand{})
	if err != nil {
		t.Fatal(err)
	}
	for _, flag := range parser.Model.Flags {
		if text := explain(flag.Value); flag.Name != "help" && !strings.Contains(text, "Default: ") {
			t.Errorf("--%s has no default: %s", flag.Name, text)
		}
	}
	readme := relaytest.MustRead(t, "README.md")
	for _, flag := range parser.Model.Flags {
		if flag.Name != "help" && !strings.Contains(readme, "`--"+flag.Name) {
			t.Errorf("README.md does not name --%s", flag.Name)
		}
	}
}
