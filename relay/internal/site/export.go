package site

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"sortition/relay/internal/site/published"
)

// ExportOptions are what a site on a static host has of its own.
type ExportOptions struct {
	// Config is the text of its config.json. Default: the site's.
	Config []byte
	// Connect are sources that the pages' Content-Security-Policy allows them to reach besides its own, such as
	// http://10.0.0.5:8080. Default: none.
	Connect []string
}

// ErrForeign says that a folder holds what is somebody else's.
var ErrForeign = errors.New("there are files in it that were not exported: choose an empty folder")

// receipt is the file that lists what an export wrote, so that the next one may replace it.
const receipt = ".relay-export"

// Export writes a published site to a folder, as a plain file server is to serve it, and returns how many files that is. The
// folder is made if it is missing. What an earlier export wrote there is replaced; files that begin with a dot, such as
// .git, are left alone; with any other file in it, the error is ErrForeign.
//
// Pages are written last: at no time does one refer to what is not there yet.
func Export(site fs.FS, dir string, o ExportOptions) (count int, err error) {
	exported, err := plan(site, o)
	if err != nil {
		return 0, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return 0, err
	}
	defer root.Close()
	before, err := earlier(root)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", dir, err)
	}
	names := slices.SortedFunc(maps.Keys(exported), pagesLast)
	// Until all is written, what may be replaced is what was there and what comes.
	if err := write(root, receipt, list(before, names)); err != nil {
		return 0, err
	}
	for _, name := range names {
		if err := write(root, name, exported[name]); err != nil {
			return 0, err
		}
	}
	for _, name := range before {
		if _, still := exported[name]; !still {
			if err := remove(root, name); err != nil {
				return 0, err
			}
		}
	}
	return len(names), write(root, receipt, list(names))
}

// plan returns the content of every file of the export, by its path in the folder.
func plan(site fs.FS, o ExportOptions) (map[string][]byte, error) {
	prefix := prefixOf(site)
	if prefix == "" {
		return nil, errors.New("the site is not built into this relay: run `make build` first")
	}
	exported := map[string][]byte{}
	err := fs.WalkDir(site, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(entry.Name(), ".") {
			return err
		}
		content, err := fs.ReadFile(site, name)
		if err != nil {
			return err
		}
		if err := planFile(exported, prefix, name, content, o); err != nil {
			return err
		}
		original, packed := strings.CutSuffix(name, published.Packed)
		if !packed {
			return nil
		}
		if content, err = published.Unpack(bytes.NewReader(content)); err != nil {
			return fmt.Errorf("unpack %s: %w", name, err)
		}
		return planFile(exported, prefix, original, content, o)
	})
	return exported, err
}

// planFile adds a file of the site wherever the export has it.
func planFile(exported map[string][]byte, prefix, name string, content []byte, o ExportOptions) error {
	original := withoutCoding(name)
	switch {
	case name == published.Config && o.Config != nil:
		exported[name] = o.Config
	case name == published.Config:
		exported[name] = content
	case published.IsPage(name):
		return planPage(exported, name, content, o.Connect)
	case published.IsPage(original): // made anew of the page
	case original == published.Worker:
		exported[name] = content
	default:
		exported[path.Join(prefix, name)] = content
		if published.IsShared(original) {
			exported[name] = content
		}
	}
	return nil
}

// withoutCoding returns the name of the file that a file is, perhaps, an encoded form of.
func withoutCoding(name string) string {
	for _, coding := range published.Codings() {
		name = strings.TrimSuffix(name, coding.Suffix)
	}
	return name
}

// planPage adds a page that may connect to more, and its encoded forms.
func planPage(exported map[string][]byte, name string, page []byte, connect []string) error {
	if len(connect) > 0 {
		own := []byte("connect-src 'self'")
		if !bytes.Contains(page, own) {
			return fmt.Errorf("%s has no policy that begins %q: it cannot be told to allow %s", name, own, strings.Join(connect, " "))
		}
		page = bytes.Replace(page, own, []byte(string(own)+" "+strings.Join(connect, " ")), 1)
	}
	exported[name] = page
	for _, coding := range published.Codings() {
		encoded, err := coding.Encode(page)
		if err != nil {
			return fmt.Errorf("encode %s: %w", name, err)
		}
		exported[name+coding.Suffix] = encoded
	}
	return nil
}

// pagesLast orders names by their alphabet, but pages after everything else.
func pagesLast(a, b string) int {
	if first, second := published.IsPage(withoutCoding(a)), published.IsPage(withoutCoding(b)); first != second {
		if first {
			return 1
		}
		return -1
	}
	return strings.Compare(a, b)
}

// earlier returns what an earlier export wrote into the folder.
func earlier(root *os.Root) (names []string, err error) {
	text, err := root.ReadFile(receipt)
	if err == nil {
		return strings.Fields(string(text)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), ".") {
			return nil, ErrForeign
		}
	}
	return nil, nil
}

// list is a receipt's text: one name a line. No file of the site has a space in its name.
func list(names ...[]string) []byte {
	all := slices.Concat(names...)
	slices.Sort(all)
	return []byte(strings.Join(slices.Compact(all), "\n") + "\n")
}

// write puts a file in place of the one there as a whole: the folder may be served meanwhile, or its disk be full.
func write(root *os.Root, name string, content []byte) error {
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	err := root.WriteFile(unfinished(name), content, 0o644)
	if err == nil {
		err = root.Rename(unfinished(name), name)
	}
	if err != nil {
		_ = root.Remove(unfinished(name)) // it may not be there
	}
	return err
}

// unfinished is where a file is written before it takes its name.
func unfinished(name string) string { return path.Join(path.Dir(name), "."+path.Base(name)+".new") }

// remove removes a file, what an export that was killed left beside it, and the folders that are empty without them.
func remove(root *os.Root, name string) error {
	_ = root.Remove(unfinished(name)) // mostly there is none
	if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	emptied := true
	for dir := path.Dir(name); emptied && dir != "."; dir = path.Dir(dir) {
		emptied = root.Remove(dir) == nil
	}
	return nil
}
