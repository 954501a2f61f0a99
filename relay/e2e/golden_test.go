package e2e

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

// golden is a scenario of the golden vectors: what decide answered, of which getVariation shows the experiment's part.
type golden struct {
	Name            string
	UserID          string `json:"user_id"`
	Attributes      json.RawMessage
	Keys            []string
	Datafile        json.RawMessage
	SetForced       json.RawMessage `json:"set_forced_variation"`
	ForcedDecisions json.RawMessage `json:"forced_decisions"`
	ExpectedJS      struct {
		Decisions map[string]goldenDecision
	} `json:"expected_js"`
}

type goldenDecision struct {
	VariationKey, RuleKey *string
	Reasons               []string
}

// inVariation is the reason that an experiment gave a variation.
var inVariation = regexp.MustCompile(`is in variation (\S+) of experiment (\S+)\.$`)

// passing is the variation of an experiment that did not win: none, unless its variation is of no use to the flag.
func (d goldenDecision) passing(experiment string) string {
	for _, reason := range d.Reasons {
		if m := inVariation.FindStringSubmatch(reason); m != nil && m[2] == experiment {
			return m[1]
		}
	}
	return "(none)"
}

// goldenProject is what the scenarios' datafiles say of flags and experiments.
type goldenProject struct {
	Experiments []goldenExperiment
	Groups      []struct{ Experiments []goldenExperiment }
	Flags       []struct {
		Key           string
		ExperimentIDs []string `json:"experimentIds"`
	} `json:"featureFlags"`
	Holdouts, LocalHoldouts []json.RawMessage
}

type goldenExperiment struct {
	ID, Key, Type string
	CMAB          json.RawMessage
}

func TestGoldenDatafilesDecideTheSameInThePage(t *testing.T) {
	var vectors struct{ Decisions struct{ Cases []golden } }
	must(t, json.Unmarshal([]byte(relaytest.MustRead(t, "../../wasm/engine/enginetest/testdata/vectors.json")), &vectors))
	cases := slices.DeleteFunc(vectors.Decisions.Cases, func(g golden) bool { return !g.isLegacy(t) })
	if len(cases) < 20 {
		t.Fatalf("only %d scenarios are about what getVariation decides", len(cases))
	}

	data, args := t.TempDir(), []string{"--project", "demo="}
	for i, g := range cases {
		file := filepath.Join(data, fmt.Sprintf("golden%d.json", i))
		relaytest.MustWrite(t, file, string(g.Datafile))
		args = append(args, "--project", fmt.Sprintf("golden%d=%s", i, file))
	}
	relay := mustStart(t, process.Options{Args: args})
	store := mustOpen(t, relay.URL+"/")
	for i, g := range cases {
		t.Run(g.Name, func(t *testing.T) {
			for key, want := range g.wanted(t) {
				got := eval[*string](store, fmt.Sprintf(`(async () => {
					const sdk = await import('/sdk/index.js');
					await sdk.ready;
					const datafile = await (await fetch('/datafiles/golden%d.json')).text();
					const client = sdk.createInstance({
						projectConfigManager: sdk.createStaticProjectConfigManager({ datafile }),
					});
					await client.onReady();
					return client.getVariation(%s, %s, %s) ?? '(none)';
				})()`, i, quote(key), quote(g.UserID), g.Attributes))
				if got == nil || *got != want {
					t.Errorf("getVariation(%q, %q, %s) is %v, not %s", key, g.UserID, g.Attributes, *got, want)
				}
			}
		})
	}
}

// isLegacy says whether the decision follows from the experiments alone: no holdouts, profiles or forced decisions.
func (g golden) isLegacy(t *testing.T) bool {
	t.Helper()
	p := g.project(t)
	for _, e := range p.all() {
		if e.Type == "fr" || e.CMAB != nil {
			return false
		}
	}
	return len(p.Holdouts)+len(p.LocalHoldouts) == 0 && g.SetForced == nil && g.ForcedDecisions == nil && len(g.wanted(t)) > 0
}

// wanted is what getVariation answers for each experiment of the flags that were decided, up to the one that won:
// those before it let the visitor pass.
func (g golden) wanted(t *testing.T) map[string]string {
	t.Helper()
	p := g.project(t)
	wanted := map[string]string{}
	for _, flag := range p.Flags {
		decision, decided := g.ExpectedJS.Decisions[flag.Key]
		if !decided {
			continue
		}
		for _, id := range flag.ExperimentIDs {
			key, unique := p.key(id)
			if !unique {
				return nil // getVariation knows experiments by key only
			}
			if decision.RuleKey != nil && *decision.RuleKey == key && decision.VariationKey != nil {
				wanted[key] = *decision.VariationKey
				break
			}
			wanted[key] = decision.passing(key)
		}
	}
	return wanted
}

func (g golden) project(t *testing.T) goldenProject {
	t.Helper()
	var p goldenProject
	must(t, json.Unmarshal(g.Datafile, &p))
	return p
}

func (p goldenProject) all() []goldenExperiment {
	all := slices.Clone(p.Experiments)
	for _, group := range p.Groups {
		all = append(all, group.Experiments...)
	}
	return all
}

// key is the key of the experiment with the id, and whether no other has it.
func (p goldenProject) key(id string) (key string, unique bool) {
	all := p.all()
	i := slices.IndexFunc(all, func(e goldenExperiment) bool { return e.ID == id })
	if i < 0 {
		return "", false
	}
	same := 0
	for _, e := range all {
		if e.Key == all[i].Key {
			same++
		}
	}
	return all[i].Key, same == 1
}
