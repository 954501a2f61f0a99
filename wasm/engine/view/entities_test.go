package view_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/view"
)

func TestARuleIsShownWithWhatTheOfficialSDKAdds(t *testing.T) {
	const a, all = `{"id":1.0,"key":"a"}`, `{"id":"91","key":"all"}`
	p := mustParse(t, `{"version":"4","revision":"1",
		"experiments":[{"id":"1","key":"plain","own":[ ],"variations":[`+a+`]},{"id":"2","key":"first"},{"id":"2","key":"second"},
			{"id":"3","key":"rolled","type":"fr","trafficAllocation":[{"entityId":"1","endOfRange":5}],"variations":[`+a+`]}],
		"groups":[{"id":"g","experiments":[]},{"id":7,"experiments":[{"id":"4","key":"grouped"}]},{"experiments":[{"id":"10","key":"somewhere"}]}],
		"rollouts":[{"id":"r","experiments":[{"id":"5","key":"delivery","variations":[`+all+`]}]}],
		"featureFlags":[{"id":"f","key":"f","rolloutId":"r","experimentIds":["3"],"variables":[]}],
		"holdouts":[{"id":"6","key":"everywhere","includedRules":["1"],"isGlobal":0}],
		"localHoldouts":[{"id":"8","key":"nowhere"},{"id":"9","key":"local","includedRules":["1"]}]}`)
	for name, c := range map[string]struct {
		rule  string
		shows string
	}{
		"an experiment":                          {"plain", `{"id":"1","key":"plain","own":[ ],"variations":[` + a + `],"variationKeyMap":{"a":` + a + `}}`},
		"the last of two with one id":            {"first", `{"id":"2","key":"second","variationKeyMap":{}}`},
		"an experiment of a group, with its id":  {"grouped", `{"id":"4","key":"grouped","groupId":7,"variationKeyMap":{}}`},
		"an experiment of a group that has none": {"somewhere", `{"id":"10","key":"somewhere","variationKeyMap":{}}`},
		"a delivery rule":                        {"delivery", `{"id":"5","key":"delivery","variations":[` + all + `],"isRollout":true,"variationKeyMap":{"all":` + all + `}}`},
		"a feature rollout, with everyone else": {
			"rolled", `{"id":"3","key":"rolled","type":"fr","trafficAllocation":[{"entityId":"1","endOfRange":5}],"variations":[` + a + `],` +
				`"variations":[` + a + `,` + all + `],"trafficAllocation":[{"entityId":"1","endOfRange":5},{"entityId":"91","endOfRange":10000}],` +
				`"variationKeyMap":{"a":` + a + `,"all":` + all + `}}`,
		},
		"a global holdout, which includes no rules": {
			"everywhere", `{"id":"6","key":"everywhere","isGlobal":0,"includedFlags":[],"excludedFlags":[],"variationKeyMap":{},"isGlobal":true}`,
		},
		"a local holdout": {
			"local", `{"id":"9","key":"local","includedRules":["1"],"includedFlags":[],"excludedFlags":[],"variationKeyMap":{},"isGlobal":false}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, e := range p.Rules {
				if e.Key != c.rule {
					continue
				}
				if diff := cmp.Diff(c.shows, string(view.Rule(p, e))); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			}
		})
	}
	for i, want := range []string{a, a, all} {
		if got := string(view.Variation(p, p.Variations[i])); got != want {
			t.Errorf("variation %d is %s, want %s", i, got, want)
		}
	}
}

// checkEntities checks that all that a project has is shown as JSON.
func checkEntities(t *testing.T, p *datafile.Project) {
	t.Helper()
	for _, e := range p.Rules {
		if shown := view.Rule(p, e); !json.Valid(shown) {
			t.Errorf("%s\nis no JSON", shown)
		}
	}
	for _, v := range p.Variations {
		if shown := view.Variation(p, v); !json.Valid(shown) {
			t.Errorf("%s\nis no JSON", shown)
		}
	}
}
