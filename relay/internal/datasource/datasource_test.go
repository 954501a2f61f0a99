package datasource_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/cespare/xxhash/v2"
	"go.uber.org/goleak"

	"sortition/relay/internal/datasource"
	"sortition/relay/internal/relaytest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// revision is a small datafile; extra tells two of the same revision apart.
func revision(n int, extra string) string {
	return fmt.Sprintf(`{"version":"4","revision":"%d","accountId":"1","projectId":"1234","sdkKey":"in-the-file","attributes":[],`+
		`"audiences":[],"groups":[],"events":[],"experiments":[],"featureFlags":[],"rollouts":[],"x":%q}`, n, extra)
}

// datafileOf is a small datafile of any revision.
func datafileOf(revision string) string {
	return fmt.Sprintf(`{"version":"4","revision":%q,"accountId":"1","projectId":"1234","attributes":[],"audiences":[],"groups":[],`+
		`"events":[],"experiments":[],"featureFlags":[],"rollouts":[]}`, revision)
}

// store is a running store whose changes can be waited for.
type store struct {
	*datasource.Store
	changes chan *datasource.Datafile
	stop    func()
}

func MustRun(tb testing.TB, o datasource.Options) store {
	tb.Helper()
	changes := make(chan *datasource.Datafile, 100)
	o.OnChange = func(d *datasource.Datafile) { changes <- d }
	o.Logger = slog.New(slog.DiscardHandler)
	if o.Dir == "" {
		o.Dir = tb.TempDir()
	}
	s, err := datasource.Open(o)
	if err != nil {
		tb.Fatal(err)
	}
	return store{s, changes, relaytest.MustRun(tb, "the store", s.Run)}
}

// next waits for the next change of any project.
func (s store) next(tb testing.TB) *datasource.Datafile {
	tb.Helper()
	select {
	case d := <-s.changes:
		return d
	case <-relaytest.Context(tb).Done():
		tb.Fatal("no datafile came")
		return nil
	}
}

func (s store) nextRevision(tb testing.TB, want string) *datasource.Datafile {
	tb.Helper()
	d := s.next(tb)
	if d.Revision != want {
		tb.Fatalf("revision %s came, want %s", d.Revision, want)
	}
	return d
}

// trouble waits until the project has a problem that says something.
func (s store) trouble(tb testing.TB, says string) {
	tb.Helper()
	s.until(tb, "a problem that says "+says, func(state datasource.State) bool {
		return state.Problem != nil && strings.Contains(state.Problem.Error, says)
	})
}

func (s store) until(tb testing.TB, what string, ok func(datasource.State) bool) {
	tb.Helper()
	deadline := relaytest.Context(tb)
	for !ok(s.States()[0]) {
		select {
		case <-deadline.Done():
			tb.Fatalf("no %s; the project is %+v", what, s.States()[0])
		case <-time.After(time.Millisecond):
		}
	}
}

func one(source string) []datasource.Project {
	return []datasource.Project{{SDKKey: "demo", Source: source}}
}

func TestDatafile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "demo.json")
	text := revision(7, "")
	relaytest.MustWrite(t, path, text)
	s := MustRun(t, datasource.Options{Projects: one(path)})
	d := s.next(t)
	if d.SDKKey != "demo" || d.Revision != "7" || d.ProjectID != "1234" || string(d.Bytes) != text {
		t.Fatalf("got %+v", d)
	}
	if want := fmt.Sprintf("%016x", xxhash.Sum64String(text)); d.Hash != want {
		t.Fatalf("hash %s, want %s", d.Hash, want)
	}
	s.until(t, "compressed datafile", func(s datasource.State) bool { return s.Datafile.Gzip != nil })
	d, _ = s.Newest("demo")
	unzipped, err := gzip.NewReader(bytes.NewReader(d.Gzip))
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]io.Reader{"brotli": brotli.NewReader(bytes.NewReader(d.Brotli)), "gzip": unzipped} {
		if got, err := io.ReadAll(r); string(got) != text {
			t.Errorf("%s gives %q, %v", name, got, err)
		}
	}
}

func TestAWatchedFile(t *testing.T) {
	changes := []struct {
		name   string
		change func(t *testing.T, path, text string)
	}{
		{"written in place", func(t *testing.T, path, text string) { relaytest.MustWrite(t, path, text) }},
		{"renamed over, as editors do", func(t *testing.T, path, text string) {
			relaytest.MustWrite(t, path+"~", text)
			if err := os.Rename(path+"~", path); err != nil {
				t.Fatal(err)
			}
		}},
		{"removed and made anew", func(t *testing.T, path, text string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			relaytest.MustWrite(t, path, text)
		}},
		{"by the relay's own careful writer", func(t *testing.T, path, text string) {
			if err := datasource.WriteFile(path, []byte(text), time.Now()); err != nil {
				t.Fatal(err)
			}
		}},
	}
	for _, test := range changes {
		t.Run("changes when it is "+test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "demo.json")
			relaytest.MustWrite(t, path, revision(1, ""))
			s := MustRun(t, datasource.Options{Projects: one(path)})
			s.nextRevision(t, "1")
			test.change(t, path, revision(2, ""))
			s.nextRevision(t, "2")
			test.change(t, path, revision(2, "edited by hand"))
			s.nextRevision(t, "2")
			test.change(t, path, revision(1, ""))
			s.nextRevision(t, "1")
		})
	}
	for _, test := range changes[:2] {
		t.Run("changes when what a link leads to is "+test.name, func(t *testing.T) {
			path, link := filepath.Join(t.TempDir(), "demo.json"), filepath.Join(t.TempDir(), "link.json")
			relaytest.MustWrite(t, path, revision(1, ""))
			if err := os.Symlink(path, link); err != nil {
				t.Fatal(err)
			}
			s := MustRun(t, datasource.Options{Projects: one(link)})
			s.nextRevision(t, "1")
			for n := range 3 { // the first may be met by chance
				test.change(t, path, revision(n, "through the link"))
				s.nextRevision(t, strconv.Itoa(n))
			}
			relaytest.MustWrite(t, link+"~", revision(1, ""))
			if err := os.Rename(link+"~", link); err != nil {
				t.Fatal(err)
			}
			s.nextRevision(t, "1")
			for n := range 3 {
				test.change(t, link, revision(n, "no link any more"))
				s.nextRevision(t, strconv.Itoa(n))
			}
		})
	}
	t.Run("may appear later, with its folder", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "later", "demo.json")
		s := MustRun(t, datasource.Options{Projects: one(path), PollInterval: 50 * time.Millisecond})
		s.trouble(t, "no such file")
		relaytest.MustWrite(t, path, revision(1, ""))
		s.nextRevision(t, "1")
	})
}

func TestBadDatafilesNeverReplaceAGoodOne(t *testing.T) {
	bad := []struct{ name, text, says string }{
		{"empty", "", "empty"},
		{"blank", " \n", "empty"},
		{"truncated", revision(2, "")[:100], "datafile"},
		{"of another version", strings.Replace(revision(2, ""), `"4"`, `"5"`, 1), "version"},
		{"not JSON", "<html>not found</html>", "datafile"},
		{"JSON, but no datafile", `["revision"]`, "object"},
		{"an object without anything", `{}`, "datafile"},
	}
	cdn := relaytest.NewCDN(t)
	for _, test := range bad {
		t.Run(test.name, func(t *testing.T) {
			path := "/" + strings.ReplaceAll(test.name, " ", "-")
			url := cdn.Put(path, revision(1, ""))
			s := MustRun(t, datasource.Options{Projects: one(url)})
			s.nextRevision(t, "1")

			cdn.Put(path, test.text)
			s.Refetch("demo", "")
			s.trouble(t, test.says)
			if sentence := s.States()[0].Problem.Sentence(); !strings.Contains(sentence, test.says) {
				t.Errorf("everyone is told %q", sentence)
			}
			if d, ok := s.Newest("demo"); !ok || d.Revision != "1" {
				t.Fatal("the good one is gone")
			}

			cdn.Put(path, revision(2, ""))
			s.Refetch("demo", "2")
			s.nextRevision(t, "2")
			s.until(t, "end of the problem", func(s datasource.State) bool { return s.Problem == nil })
		})
	}
}

func TestATooLargeDatafileIsRefused(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.CopyN(w, endless{}, datasource.MaxBytes+1)
	}))
	defer server.Close()
	s := MustRun(t, datasource.Options{Projects: one(server.URL)})
	s.trouble(t, "larger than 32 MB")
}

func TestAFileThatCannotBeReadIsNamedOnce(t *testing.T) {
	folder, large := t.TempDir(), filepath.Join(t.TempDir(), "large.json")
	relaytest.MustWrite(t, large, "")
	if err := os.Truncate(large, datasource.MaxBytes+1); err != nil {
		t.Fatal(err)
	}
	for path, says := range map[string]string{
		folder: "read " + folder + ": is a directory",
		large:  "read " + large + ": the datafile is larger than 32 MB",
	} {
		s := MustRun(t, datasource.Options{Projects: one(path)})
		s.trouble(t, says)
		if told := s.States()[0].Problem.Error; strings.Count(told, path) != 1 {
			t.Error(told)
		}
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) { return len(b), nil }

func TestRefetch(t *testing.T) {
	t.Run("asks conditionally and takes 304 for an answer", func(t *testing.T) {
		cdn := relaytest.NewCDN(t)
		s := MustRun(t, datasource.Options{Projects: one(cdn.Put("/a.json", revision(1, "")))})
		s.nextRevision(t, "1")
		s.Refetch("demo", "")
		requests := cdn.WaitRequests(t, 2)
		if requests[1].Header.Get("If-None-Match") == "" || requests[1].Status != http.StatusNotModified {
			t.Fatalf("got %+v", requests[1])
		}
	})
	t.Run("takes 304 for none where it did not ask conditionally", func(t *testing.T) {
		cdn := relaytest.NewCDN(t)
		cdn.Put("/a.json", revision(1, ""))
		cdn.Fail(http.StatusNotModified)
		s := MustRun(t, datasource.Options{Projects: one(cdn.URL + "/a.json")})
		s.trouble(t, "304 Not Modified, to a request without a condition")
		cdn.Fail(0)
		s.nextRevision(t, "1")
	})
	t.Run("asks again until the announced revision is there", func(t *testing.T) {
		cdn := relaytest.NewCDN(t)
		s := MustRun(t, datasource.Options{Projects: one(cdn.Put("/a.json", revision(1, "")))})
		s.nextRevision(t, "1")
		s.Refetch("demo", "2")
		if last := cdn.WaitRequests(t, 3)[2]; last.Header.Get("Cache-Control") != "no-cache" {
			t.Fatalf("got %+v", last)
		}
		cdn.Put("/a.json", revision(2, ""))
		s.nextRevision(t, "2")
	})
	t.Run("many at once become one that runs and one that trails", func(t *testing.T) {
		var asked atomic.Int64
		entered, leave := make(chan struct{}, 100), make(chan struct{})
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked.Add(1)
			entered <- struct{}{}
			<-leave
			_, _ = io.WriteString(w, revision(1, ""))
		}))
		defer server.Close()
		s := MustRun(t, datasource.Options{Projects: one(server.URL)})
		<-entered
		for range 100 {
			s.Refetch("demo", "")
		}
		leave <- struct{}{}
		<-entered
		close(leave)
		s.stop()
		if asked.Load() != 2 {
			t.Fatalf("asked %d times", asked.Load())
		}
	})
}

func TestCDN(t *testing.T) {
	t.Run("an older copy from an edge does not count", func(t *testing.T) {
		cdn := relaytest.NewCDN(t)
		cdn.Put("/datafiles/demo.json", revision(5, ""))
		s := MustRun(t, datasource.Options{Projects: one("cdn"), CDNTemplate: cdn.URL + "/datafiles/%s.json"})
		s.nextRevision(t, "5")
		cdn.Put("/datafiles/demo.json", revision(4, "stale"))
		s.Refetch("demo", "6")
		cdn.WaitRequests(t, 3)
		cdn.Put("/datafiles/demo.json", revision(6, ""))
		s.nextRevision(t, "6")
	})
	t.Run("another environment's revision counts however small, where the project had another source before", func(t *testing.T) {
		dir, text := t.TempDir(), strings.Replace(revision(300, ""), "in-the-file", "staging", 1)
		file := filepath.Join(dir, "source.json")
		relaytest.MustWrite(t, file, text)
		before := MustRun(t, datasource.Options{Projects: one(file), Dir: dir})
		before.awaitHistory(t, "300")
		before.stop()
		cdn := relaytest.NewCDN(t)
		cdn.Put("/datafiles/demo.json", revision(5, ""))
		s := MustRun(t, datasource.Options{Projects: one("cdn"), Dir: dir, CDNTemplate: cdn.URL + "/datafiles/%s.json"})
		s.nextRevision(t, "300")
		s.nextRevision(t, "5")
	})
	t.Run("a private project is asked for with its token", func(t *testing.T) {
		cdn := relaytest.NewCDN(t)
		cdn.Put("/auth/demo.json", revision(1, ""))
		s := MustRun(t, datasource.Options{
			Projects:        []datasource.Project{{SDKKey: "demo", Source: "cdn", AccessToken: "T"}},
			CDNAuthTemplate: cdn.URL + "/auth/%s.json",
		})
		s.nextRevision(t, "1")
		if got := cdn.Requests()[0].Header.Get("Authorization"); got != "Bearer T" {
			t.Fatalf("Authorization: %q", got)
		}
	})
	t.Run("a key or token it does not know is told as such, without the token", func(t *testing.T) {
		cdn := relaytest.NewCDN(t)
		cdn.Fail(http.StatusForbidden)
		s := MustRun(t, datasource.Options{
			Projects:        []datasource.Project{{SDKKey: "demo", Source: "cdn", AccessToken: "s3cret"}},
			CDNAuthTemplate: cdn.URL + "/auth/%s.json",
		})
		s.trouble(t, "check the SDK key, and the access token")
		if text := s.States()[0].Problem.Error; strings.Contains(text, "s3cret") {
			t.Error(text)
		}
	})
}

func TestLastKnownGood(t *testing.T) {
	cdn := relaytest.NewCDN(t)
	o := datasource.Options{Projects: one(cdn.Put("/a.json", revision(3, ""))), Dir: t.TempDir()}
	s := MustRun(t, o)
	first := s.nextRevision(t, "3")
	s.Refetch("demo", "")
	cdn.WaitRequests(t, 2) // it is on disk when the next fetch begins
	s.stop()

	t.Run("is served when the source is down at the start", func(t *testing.T) {
		cdn.Fail(http.StatusBadGateway)
		s := MustRun(t, o)
		kept := s.nextRevision(t, "3")
		if kept.Hash != first.Hash || !kept.Modified.Equal(first.Modified) {
			t.Fatalf("kept %s of %v, was %s of %v", kept.Hash, kept.Modified, first.Hash, first.Modified)
		}
		s.trouble(t, "502")
		cdn.Put("/a.json", revision(4, ""))
		cdn.Fail(0)
		s.nextRevision(t, "4")
		s.stop()
	})
	t.Run("that is damaged is a problem, not an end", func(t *testing.T) {
		relaytest.MustWrite(t, filepath.Join(o.Dir, "datafiles", "demo.json"), "{")
		s := MustRun(t, o)
		s.nextRevision(t, "4")
		s.until(t, "end of the problem", func(s datasource.State) bool { return s.Problem == nil })
	})
}

func TestModifiedOnlyGoesForward(t *testing.T) {
	path := filepath.Join(t.TempDir(), "demo.json")
	write := func(n int, modified time.Time) {
		if err := datasource.WriteFile(path, []byte(revision(n, "")), modified); err != nil {
			t.Fatal(err)
		}
	}
	noon := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	write(1, noon)
	s := MustRun(t, datasource.Options{Projects: one(path)})
	s.nextRevision(t, "1")
	write(2, noon)
	if d := s.nextRevision(t, "2"); !d.Modified.Equal(noon.Add(time.Second)) {
		t.Fatalf("a change within the second is of %v", d.Modified)
	}
	write(1, noon.Add(-time.Hour))
	if d := s.nextRevision(t, "1"); !d.Modified.Equal(noon.Add(2 * time.Second)) {
		t.Fatalf("an old file put back is of %v", d.Modified)
	}
}

func TestStoreLooksUp(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "demo.json")
	relaytest.MustWrite(t, path, revision(1, ""))
	s := MustRun(t, datasource.Options{Projects: []datasource.Project{
		{SDKKey: "demo", Source: path}, {SDKKey: "sandbox", Source: path}, {SDKKey: "none", Source: filepath.Join(dir, "missing")},
	}})
	s.next(t)
	s.next(t)
	keys := func(all []*datasource.Datafile) (keys []string) {
		for _, d := range all {
			keys = append(keys, d.SDKKey)
		}
		return keys
	}
	if got := fmt.Sprint(keys(s.All()), keys(s.ByProjectID("1234")), keys(s.ByProjectID("9"))); got != "[demo sandbox] [demo sandbox] []" {
		t.Fatal(got)
	}
	for _, key := range []string{"none", "unheard of"} {
		if _, ok := s.Newest(key); ok {
			t.Errorf("%s has a datafile", key)
		}
		s.Refetch(key, "1")
	}
	if d, ok := s.Newest("sandbox"); !ok || d.SDKKey != "sandbox" {
		t.Error("sandbox has no datafile of its own")
	}
}

func TestOpenRefuses(t *testing.T) {
	tests := []struct {
		name     string
		projects []datasource.Project
		says     string
	}{
		{"no source", one(""), "cdn"},
		{"a scheme it cannot fetch", one("ftp://example.com/a.json"), "http://"},
		{"a URL without a host", one("https:///a.json"), "http://"},
		{"the same key twice", append(one("a.json"), one("b.json")...), "twice"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := datasource.Open(datasource.Options{Projects: test.projects, Dir: t.TempDir()})
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Fatalf("got %v", err)
			}
		})
	}
}

func TestRedirectsAreBounded(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Path+"a", http.StatusFound)
	}))
	defer server.Close()
	s := MustRun(t, datasource.Options{Projects: one(server.URL + "/a")})
	s.trouble(t, "redirects")
}

func TestAnAnswersHeaderIsBounded(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("ETag", strings.Repeat("x", 1<<20)) // which would be sent back with each request
		_, _ = w.Write([]byte(revision(1, "")))            // the relay may not want it
	}))
	defer server.Close()
	s := MustRun(t, datasource.Options{Projects: one(server.URL)})
	s.trouble(t, "headers exceeded")
}

func TestCredentialsOfASourceAreNotShown(t *testing.T) {
	s := MustRun(t, datasource.Options{Projects: one("http://user:secret@127.0.0.1:1/a.json?key=secret")})
	s.until(t, "problem", func(s datasource.State) bool { return s.Problem != nil })
	state := s.States()[0]
	if text := state.Source + state.Problem.Error; strings.Contains(text, "secret") {
		t.Fatal(text)
	}
	if sentence := state.Problem.Sentence(); strings.Contains(sentence, "127.0.0.1") {
		t.Fatalf("everyone is told %q", sentence)
	}
	s.stop()
}

func TestWriteFile(t *testing.T) {
	t.Run("leaves nothing but the file", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "made")
		for _, text := range []string{"one", "two"} {
			if err := datasource.WriteFile(filepath.Join(dir, "a"), []byte(text), time.Now()); err != nil {
				t.Fatal(err)
			}
		}
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) != 1 || relaytest.MustRead(t, filepath.Join(dir, "a")) != "two" {
			t.Fatalf("%v, %v", entries, err)
		}
	})
	t.Run("names the file it could not write", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "file")
		relaytest.MustWrite(t, path, "")
		if err := datasource.WriteFile(filepath.Join(path, "a"), nil, time.Now()); err == nil || !strings.Contains(err.Error(), path) {
			t.Fatal(err)
		}
	})
}
