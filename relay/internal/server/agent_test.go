package server

import (
	"testing"

	"sortition/relay/internal/datasource"
	"sortition/wasm/engine/datafile"
)

func TestAConfigIsMadeOnceForEachDatafile(t *testing.T) {
	newest := func(hash, revision string) *datasource.Datafile {
		project, err := datafile.Parse(`{"version":"4","revision":"` + revision + `","accountId":"1","projectId":"2"}`)
		if err != nil {
			t.Fatal(err)
		}
		return &datasource.Datafile{SDKKey: "demo", Hash: hash, Project: project}
	}
	c := configs{made: map[string]madeConfig{}}
	answer := func(d *datasource.Datafile) []byte {
		body, err := c.of(d)
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	one := answer(newest("1", "1"))
	if again := answer(newest("1", "1")); &again[0] != &one[0] {
		t.Error("it was made again")
	}
	if other := answer(newest("2", "2")); string(other) == string(one) {
		t.Errorf("another datafile has the same: %s", other)
	}
}
