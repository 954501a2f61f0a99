package main

import (
	"encoding/json"
	"testing"

	"sortition/wasm/engine"
)

func TestTheGeneratedProjectIsTheSameForTheSameSeed(t *testing.T) {
	first, second := mustMarshal(t, newGenerator(seed).project()), mustMarshal(t, newGenerator(seed).project())
	if first != second {
		t.Error("two runs with one seed differ")
	}
	if other := mustMarshal(t, newGenerator(seed+1).project()); other == first {
		t.Error("another seed makes the same project")
	}
}

func TestTheGeneratedProjectHasTheSizeItPromises(t *testing.T) {
	g := newGenerator(seed)
	project := g.project()
	if got := len(project["featureFlags"].(list)); got != flagCount {
		t.Errorf("it has %d flags", got)
	}
	if got := len(experimentKeys(project)) - 1; got != experimentCount {
		t.Errorf("it has %d experiments", got)
	}
	if got := len(project["typedAudiences"].(list)); got != audienceCount {
		t.Errorf("it has %d audiences", got)
	}
	if size := len(mustMarshal(t, project)); size < 150_000 || size > 300_000 {
		t.Errorf("it has %d bytes, a medium project has about 220 000", size)
	}
}

func TestEveryTimedUserIsInTheTimedExperiment(t *testing.T) {
	g := newGenerator(seed)
	e, err := engine.New(mustMarshal(t, g.project()))
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range g.matching() {
		if e.GetVariation(benchExperiment, e.NewUser(u.ID, u.Attributes)) == nil {
			t.Fatalf("%s with %v is in no variation", u.ID, u.Attributes)
		}
	}
}

func mustMarshal(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
