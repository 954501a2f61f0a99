package main

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"

	"sortition/relay/internal/datasource"
	"sortition/relay/internal/relaytest"
)

func TestEventsWithoutAnSDKKeyAreTheFirstProjectsOfTheirProjectID(t *testing.T) {
	dir := t.TempDir()
	options := datasource.Options{Dir: dir, Logger: slog.New(slog.DiscardHandler)}
	for _, key := range []string{"first", "second", "other", "none"} {
		options.Projects = append(options.Projects, datasource.Project{SDKKey: key, Source: filepath.Join(dir, key)})
	}
	for key, projectID := range map[string]string{"first": "1", "second": "1", "other": "2"} {
		text := fmt.Sprintf(`{"version":"4","accountId":"9","projectId":%q,"revision":"1","experiments":[],"groups":[],"attributes":[],"audiences":[],"events":[]}`, projectID)
		relaytest.MustWrite(t, filepath.Join(dir, "datafiles", key+".json"), text)
	}
	store, err := datasource.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{store: store}
	for _, test := range []struct {
		sdkKey, projectID string
		want              bool
	}{
		{"first", "1", true}, {"second", "1", false}, {"other", "1", false}, {"none", "1", false},
		{"other", "2", true}, {"first", "3", false},
	} {
		if got := r.owns(project{sdkKey: test.sdkKey}, test.projectID); got != test.want {
			t.Errorf("%s owns those of %s: %v", test.sdkKey, test.projectID, got)
		}
	}
	if made := testing.AllocsPerRun(100, func() { r.owns(project{sdkKey: "other"}, "1") }); made > 0 {
		t.Errorf("a project looks at all others for events that are not its own: %v allocations", made)
	}
}
