package demo_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sortition/relay/internal/demo"
	"sortition/relay/internal/relaytest"
	"sortition/wasm/engine/datafile"
)

const (
	shipped  = "../../../public/demo/datafile.json"
	price    = "20402531206"
	category = "20422043318"
)

// MustFile writes a datafile to a folder of the test's own.
func MustFile(tb testing.TB, text string) (*demo.File, string) {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "demo.json")
	relaytest.MustWrite(tb, path, text)
	return demo.NewFile(path), path
}

func TestAnEditChangesTheAllocationAndTheRevisionAlone(t *testing.T) {
	file, path := MustFile(t, relaytest.MustRead(t, shipped))
	revision, err := file.SetAllocation("item-sort", []demo.Range{{price, 2000}, {"", 8000}, {category, 10000}})
	if err != nil || revision != "2" {
		t.Fatalf("revision %q, %v", revision, err)
	}
	want := strings.NewReplacer(
		`"revision": "1"`, `"revision": "2"`,
		`{ "entityId": "20402531206", "endOfRange": 5000 },`, "{ \"entityId\": \"20402531206\", \"endOfRange\": 2000 },\n        { \"entityId\": \"\", \"endOfRange\": 8000 },",
	).Replace(relaytest.MustRead(t, shipped))
	if diff := cmp.Diff(want, relaytest.MustRead(t, path)); diff != "" {
		t.Errorf("the file differs from what was hoped for (-want +got):\n%s", diff)
	}
	if _, err := file.SetAllocation("item-sort", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := file.SetAllocation("item-sort", []demo.Range{{price, 5000}, {category, 10000}}); err != nil {
		t.Fatal(err)
	}
	project, err := datafile.Parse(relaytest.MustRead(t, path))
	if err != nil || project.Revision != "4" || len(project.ExperimentByKey("item-sort").Allocation) != 2 {
		t.Errorf("after three edits: %+v, %v", project, err)
	}
}

// minimal is a datafile on one line whose parts stand in the order given.
func minimal(revision, experiments, groups string) string {
	return fmt.Sprintf(`{"groups":[%s],"experiments":[%s],"revision":%s,"version":"4","accountId":"1","projectId":"2",`+
		`"attributes":[],"audiences":[],"events":[],"featureFlags":[],"rollouts":[]}`, groups, experiments, revision)
}

const (
	experiment = `{"trafficAllocation":[{"entityId":"8","endOfRange":10000}],"id":"7","key":"e","layerId":"6","status":"Running",` +
		`"audienceIds":[],"forcedVariations":{},"variations":[{"id":"8","key":"v"}]}`
	edited = `{"trafficAllocation":[{"entityId":"8","endOfRange":1}],"id":"7","key":"e","layerId":"6","status":"Running",` +
		`"audienceIds":[],"forcedVariations":{},"variations":[{"id":"8","key":"v"}]}`
)

func TestAnEditFollowsTheFilesOwnForm(t *testing.T) {
	group := `{"id":"9","policy":"random","trafficAllocation":[],"experiments":[%s]}`
	for name, test := range map[string]struct{ before, after string }{
		"on one line":                {minimal(`"3"`, experiment, ""), minimal(`"4"`, edited, "")},
		"in an exclusion group":      {minimal(`"3"`, "", fmt.Sprintf(group, experiment)), minimal(`"4"`, "", fmt.Sprintf(group, edited))},
		"of two with one key":        {minimal(`"3"`, experiment+","+experiment, ""), minimal(`"4"`, experiment+","+edited, "")},
		"with white space around it": {"\n" + minimal(` "3" `, experiment, "") + "\n", "\n" + minimal(` "4" `, edited, "") + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			file, path := MustFile(t, test.before)
			if _, err := file.SetAllocation("e", []demo.Range{{"8", 1}}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.after, relaytest.MustRead(t, path)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnEditThatDoesNotFitNamesItsField(t *testing.T) {
	text := relaytest.MustRead(t, shipped)
	file, path := MustFile(t, text)
	for _, test := range []struct {
		name, key  string
		allocation []demo.Range
		field      string
		notFound   bool
	}{
		{"an unknown experiment", "sort", nil, "experimentKey", true},
		{"an unknown variation", "item-sort", []demo.Range{{price, 5000}, {"7", 10000}}, "trafficAllocation[1].entityId", false},
		{"ranges that descend", "item-sort", []demo.Range{{price, 5000}, {category, 4999}}, "trafficAllocation[1].endOfRange", false},
		{"a range past the end", "item-sort", []demo.Range{{price, 10001}}, "trafficAllocation[0].endOfRange", false},
		{"a range before the beginning", "item-sort", []demo.Range{{price, -1}}, "trafficAllocation[0].endOfRange", false},
		{"too many ranges", "item-sort", make([]demo.Range, demo.MaxRanges+1), "trafficAllocation", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := file.SetAllocation(test.key, test.allocation)
			var wrong *demo.FieldError
			if !errors.As(err, &wrong) || wrong.Field != test.field || wrong.NotFound != test.notFound {
				t.Errorf("got %v (%+v)", err, wrong)
			}
		})
	}
	if relaytest.MustRead(t, path) != text {
		t.Error("the file was written")
	}
}

func TestAFileThatSomebodyBrokeIsLeftAlone(t *testing.T) {
	for name, text := range map[string]string{
		"not JSON":               "oh",
		"truncated":              relaytest.MustRead(t, shipped)[:400],
		"its revision no number": minimal(`"next"`, experiment, ""),
		"no allocation in it":    minimal(`"3"`, strings.Replace(experiment, `"trafficAllocation"`, `"t"`, 1), ""),
	} {
		t.Run(name, func(t *testing.T) {
			file, path := MustFile(t, text)
			if _, err := file.SetAllocation("e", nil); !errors.Is(err, demo.ErrUneditable) {
				t.Errorf("got %v", err)
			}
			if relaytest.MustRead(t, path) != text {
				t.Error("the file was written")
			}
		})
	}
	t.Run("missing", func(t *testing.T) {
		if _, err := demo.NewFile(filepath.Join(t.TempDir(), "none")).SetAllocation("e", nil); !errors.Is(err, demo.ErrUneditable) {
			t.Errorf("got %v", err)
		}
	})
}

func TestEditsAtOnceEachGetARevision(t *testing.T) {
	file, path := MustFile(t, relaytest.MustRead(t, shipped))
	var editing sync.WaitGroup
	for i := range 10 {
		editing.Go(func() {
			if _, err := file.SetAllocation("item-sort", []demo.Range{{price, i}, {category, 10000}}); err != nil {
				t.Error(err)
			}
		})
	}
	editing.Wait()
	if project, err := datafile.Parse(relaytest.MustRead(t, path)); err != nil || project.Revision != "11" {
		t.Errorf("%v, %v", project.Revision, err)
	}
}

// FuzzEdit edits whatever the engine takes for a datafile: what comes of it must be one too, with the new revision.
func FuzzEdit(f *testing.F) {
	f.Add(relaytest.MustRead(f, shipped))
	f.Add(minimal(`"3"`, experiment, ""))
	f.Add(minimal(`3`, "\t"+experiment+",\n"+experiment, `{"experiments":[]}`))
	f.Fuzz(func(t *testing.T, text string) {
		before, err := datafile.Parse(text)
		if err != nil || len(before.Experiments) == 0 {
			t.Skip()
		}
		file, path := MustFile(t, text)
		revision, err := file.SetAllocation(before.Experiments[0].Key, []demo.Range{{"", 10000}})
		if err != nil {
			return
		}
		after, err := datafile.Parse(relaytest.MustRead(t, path))
		if err != nil || after.Revision != revision || len(after.ExperimentByKey(before.Experiments[0].Key).Allocation) != 1 {
			t.Errorf("%v: %s", err, relaytest.MustRead(t, path))
		}
	})
}
