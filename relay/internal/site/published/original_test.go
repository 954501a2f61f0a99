package published_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"sortition/relay/internal/site/published"
)

func TestAFileIsReadWhetherItLiesPackedOrNot(t *testing.T) {
	files := fstest.MapFS{"config.json": {Data: []byte("{}")}, "broken.js.gz": {Data: []byte("no gzip")}, "cut.js.gz": {}}
	for _, coding := range published.Codings() {
		encoded, err := coding.Encode([]byte("the content"))
		if err != nil {
			t.Fatal(err)
		}
		files["pages/store.js"+coding.Suffix] = &fstest.MapFile{Data: encoded}
		files["cut.js"+coding.Suffix] = &fstest.MapFile{Data: encoded[:len(encoded)-4]}
	}
	for name, want := range map[string]string{"config.json": "{}", "pages/store.js": "the content"} {
		if content, err := published.Read(files, name); err != nil || string(content) != want {
			t.Errorf("%s is %q, %v", name, content, err)
		}
	}
	for _, name := range []string{"broken.js", "cut.js"} {
		if content, err := published.Read(files, name); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is %q, %v", name, content, err)
		}
	}
	if _, err := published.Read(files, "nothing.js"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of a file that is not there it says %v", err)
	}
}
