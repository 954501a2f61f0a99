package datafile_test

import (
	"strings"
	"testing"

	"sortition/wasm/engine/datafile"
)

// The rows are those of the golden section datafile_acceptance_js_6_6_1, made into texts. Where it says "flag listing an
// experiment id that does not exist: rejected" this engine accepts, on purpose; wasm/README.md tells why.
func TestParseAcceptsWhatTheOfficialSDKAccepts(t *testing.T) {
	const base = `{"version":"4","revision":"1"`
	for name, c := range map[string]struct {
		text string
		want string // part of the error; "" for accepted
	}{
		"version 2":                     {`{"version":"2","revision":"1"}`, ""},
		"version 3":                     {`{"version":"3","revision":"1"}`, ""},
		"version 4":                     {`{"version":"4","revision":"1"}`, ""},
		"version 1":                     {`{"version":"1","revision":"1"}`, `line 1, column 15 (version): version "1" is not supported`},
		"version 5":                     {`{"version":"5","revision":"1"}`, `version "5" is not supported`},
		"version as the number 4":       {`{"version":4,"revision":"1"}`, `(version): the version must be the text "2", "3" or "4"`},
		"version missing":               {`{"revision":"1"}`, `the version is missing`},
		"only version and revision":     {base + `}`, ""},
		"revision as a number":          {`{"version":"4","revision":7}`, ""},
		"revision missing":              {`{"version":"4"}`, `the revision is missing`},
		"legacy conditions not JSON":    {base + `,"audiences":[{"id":"1","conditions":"[\"or\""}]}`, `(audiences[0].conditions): the conditions are not JSON`},
		"legacy conditions as an array": {base + `,"audiences":[{"id":"1","conditions":["or"]}]}`, `(audiences[0].conditions): the conditions of an audience must be JSON within a string`},
		"legacy conditions missing":     {base + `,"audiences":[{"id":"1"}]}`, `(audiences[0]): an audience must have conditions`},
		"legacy conditions no string":   {base + `,"audiences":[{"conditions":null},{"conditions":5},{"conditions":true}]}`, ""},
		"groups without experiments":    {base + `,"groups":[{"id":"1","policy":"random","experiments":[{"id":"2","key":"e"}]}]}`, `the list of experiments is missing`},
		"rollouts without experiments":  {base + `,"rollouts":[{"id":"1","experiments":[{"id":"2","key":"e"}]}]}`, `the list of experiments is missing`},
		"empty groups and rollouts":     {base + `,"groups":[],"rollouts":[{"id":"1","experiments":[]}]}`, ""},
		"integration without key":       {base + `,"integrations":[{"host":"x"}]}`, `(integrations[0]): an integration must have a key`},
		"flag without variables":        {base + `,"featureFlags":[{"id":"1","key":"f","experimentIds":[]}]}`, `(featureFlags[0]): flag "f" must have a list of variables`},
		"flag with an unknown id":       {base + `,"featureFlags":[{"id":"1","key":"f","experimentIds":["9"],"variables":[]}]}`, ""},
		"typed audience no conditions":  {base + `,"typedAudiences":[{"id":"1","name":"a"}]}`, ""},
		"unknown extra fields":          {base + `,"more":{"a":[1,{"b":null}]},"experiments":[{"id":"1","key":"e","extra":[]}]}`, ""},
		"empty text":                    {``, `it is empty: a datafile is the text of a JSON object, not the object itself`},
		"truncated":                     {base + `,"experiments":[{"id":"1"`, `(experiments[0]): the text ends too early`},
		"not an object":                 {`[]`, `a datafile is a JSON object`},
		"a page":                        {`<!doctype html>`, `a datafile is a JSON object`},
		"two values":                    {base + `}{}`, `unexpected text after the value`},
		"no UTF-8":                      {base + `,"x":"` + "\xff" + `"}`, `not UTF-8`},
		"nested 1000 deep": {base + `,"typedAudiences":[{"id":"1","conditions":` + strings.Repeat(`["not",`, 1000) + `1` + strings.Repeat(`]`, 1000) + `}]}`,
			`nested deeper than 500 levels`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := datafile.Parse(c.text)
			switch {
			case c.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case c.want != "" && err == nil:
				t.Error("accepted")
			case c.want != "" && !strings.Contains(err.Error(), c.want):
				t.Errorf("error %q, want %q in it", err, c.want)
			}
		})
	}
}

// The paths of the sections, and what stands around each.
var sections = map[string][2]string{
	"experiments":                           {`"experiments":`, ``},
	"experiments[0].variations":             {`"experiments":[{"variations":`, `}]`},
	"groups":                                {`"groups":`, ``},
	"groups[0].experiments":                 {`"experiments":[],"groups":[{"experiments":`, `}]`},
	"groups[0].experiments[0].variations":   {`"experiments":[],"groups":[{"experiments":[{"variations":`, `}]}]`},
	"rollouts":                              {`"rollouts":`, ``},
	"rollouts[0].experiments":               {`"experiments":[],"rollouts":[{"experiments":`, `}]`},
	"rollouts[0].experiments[0].variations": {`"experiments":[],"rollouts":[{"experiments":[{"variations":`, `}]}]`},
	"holdouts":                              {`"holdouts":`, ``},
	"holdouts[0].variations":                {`"holdouts":[{"variations":`, `}]`},
	"localHoldouts":                         {`"localHoldouts":`, ``},
	"localHoldouts[0].variations":           {`"localHoldouts":[{"includedRules":["1"],"variations":`, `}]`},
	"featureFlags":                          {`"featureFlags":`, ``},
	"audiences":                             {`"audiences":`, ``},
	"typedAudiences":                        {`"typedAudiences":`, ``},
	"attributes":                            {`"attributes":`, ``},
	"events":                                {`"events":`, ``},
	"integrations":                          {`"integrations":`, ``},
}

func TestASectionIsAListOrFalse(t *testing.T) {
	for path, around := range sections {
		for value, want := range map[string]string{
			`[]`: "", `null`: "", `false`: "", `0`: "", `-0.0`: "", `""`: "",
			`true`: "expected a list", `5`: "expected a list", `"5"`: "expected a list", `{}`: "expected a list", `{"0":{"id":"1"}}`: "expected a list",
		} {
			requireError(t, around[0]+value+around[1], path, want)
		}
	}
}

func TestAnEntityIsNotNull(t *testing.T) {
	for path, around := range sections {
		want := "expected an object"
		if path == "integrations" {
			want = "an integration must have a key"
		}
		requireError(t, around[0]+`[null]`+around[1], path+"[0]", want)
	}
}

func TestAnEntityThatIsNoObjectIsRefusedWhereMembersAreAddedToItOrMissed(t *testing.T) {
	for path, want := range map[string]string{
		"experiments":               "expected an object",
		"groups[0].experiments":     "expected an object",
		"rollouts[0].experiments":   "expected an object",
		"holdouts":                  "expected an object",
		"featureFlags":              `flag "" must have a list of variables`,
		"audiences":                 "an audience must have conditions",
		"integrations":              "an integration must have a key",
		"experiments[0].variations": "",
		"holdouts[0].variations":    "",
		"groups":                    "",
		"rollouts":                  "",
		"localHoldouts":             "",
		"typedAudiences":            "",
		"attributes":                "",
		"events":                    "",
	} {
		for _, value := range []string{`5`, `"x"`, `true`, `false`} {
			around := sections[path]
			requireError(t, around[0]+`[`+value+`]`+around[1], path+"[0]", want)
		}
	}
}

func TestListsWithinEntitiesAreListsOrFalse(t *testing.T) {
	const fr = `"rollouts":[{"id":"r","experiments":[{"id":"2","variations":[{"id":"3"}]}]}],"featureFlags":[{"rolloutId":"r","experimentIds":["1"],"variables":[]}],"experiments":[{"id":"1","key":"e","type":"fr"`
	const lacks = `feature rollout "e" must have a list of variations and one of its traffic allocation`
	for name, c := range map[string]struct{ members, path, want string }{
		"what a variation sets":                      {`"experiments":[{"variations":[{"key":"v","variables":{}}]}]`, "experiments[0]", `variation "v" must have a list of variables`},
		"what a variation of a delivery rule sets":   {`"experiments":[],"rollouts":[{"experiments":[{"variations":[{"key":"v","variables":5}]}]}]`, "rollouts[0].experiments[0]", `variation "v" must have a list of variables`},
		"what a variation sets, though false":        {`"experiments":[{"variations":[{"variables":0}]}]`, "", ""},
		"what a variation of a holdout sets":         {`"holdouts":[{"variations":[{"variables":{}}]}]`, "", ""},
		"what a flag lists":                          {`"featureFlags":[{"experimentIds":{},"variables":[]}]`, "featureFlags[0].experimentIds", "expected a list"},
		"what a flag lists, though false":            {`"featureFlags":[{"experimentIds":null,"variables":[]}]`, "", ""},
		"a flag's variables, though false":           {`"featureFlags":[{"key":"f","variables":null}]`, "featureFlags[0]", `flag "f" must have a list of variables`},
		"a rule's traffic":                           {`"experiments":[{"trafficAllocation":{}}]`, "", ""},
		"a feature rollout's traffic":                {fr + `,"variations":[],"trafficAllocation":{}}]`, "", lacks},
		"a feature rollout's variations":             {fr + `,"variations":null,"trafficAllocation":[]}]`, "", lacks},
		"a feature rollout's missing lists":          {fr + `}]`, "", lacks},
		"a feature rollout's lists":                  {fr + `,"variations":[],"trafficAllocation":[]}]`, "", ""},
		"a feature rollout's that nobody else is in": {`"experiments":[{"id":"1","type":"fr"}],"featureFlags":[{"experimentIds":["1"],"variables":[]}]`, "", ""},
	} {
		t.Run(name, func(t *testing.T) { requireError(t, c.members, c.path, c.want) })
	}
}

// requireError requires that a datafile with these members is refused with a message, at a path if there is one, or accepted where the
// message is "".
func requireError(t *testing.T, members, path, message string) {
	t.Helper()
	_, err := datafile.Parse(`{"version":"4","revision":"1",` + members + `}`)
	if message == "" {
		if err != nil {
			t.Errorf("%s: refused: %v", members, err)
		}
		return
	}
	if path != "" {
		message = "(" + path + "): " + message
	}
	if err == nil || !strings.HasSuffix(err.Error(), message) {
		t.Errorf("%s: %v, want %s", members, err, message)
	}
}

func TestTheLastEntryWithAKeyWins(t *testing.T) {
	p := mustParse(t, `{"version":"4","revision":"1",
		"rollouts":[{"id":"r","experiments":[{"id":"3","key":"e","status":"Running","variations":[{"id":"33","key":"c"}]}]}],
		"groups":[{"id":"g","policy":"random","trafficAllocation":[{"entityId":"2","endOfRange":5000}],"experiments":[{"id":"2","key":"f","status":"Running","variations":[]}]}],
		"experiments":[{"id":"1","key":"e","status":"Paused","variations":[{"id":"11","key":"a"},{"id":"12","key":"a"}]}],
		"events":[{"id":"5","key":"buy"},{"id":"6","key":"buy"}],
		"attributes":[{"id":"7","key":"plan"},{"id":"8","key":"plan"}]}`)
	var ids []string
	for _, e := range p.Experiments {
		ids = append(ids, e.ID)
	}
	if got := strings.Join(ids, ","); got != "1,2,3" {
		t.Errorf("experiments %s: want top-level, groups', rollouts'", got)
	}
	if e := p.ExperimentByKey("e"); e.ID != "3" || !e.Rollout {
		t.Errorf("experiment by key is %s, want the rollout's", e.ID)
	}
	if !p.ExperimentByID("1").Running {
		t.Error("experiment 1 must run: the status of the last entry with its key counts")
	}
	if v := p.ExperimentByID("1").VariationByKey("a"); v.ID != "12" {
		t.Errorf("variation by key is %s, want the last", v.ID)
	}
	if g := p.ExperimentByID("2").Group; g == nil || !g.Random {
		t.Error("experiment 2 must know its group")
	}
	if e := p.EventByKey("buy"); e.ID != "6" {
		t.Errorf("event is %s, want the last", e.ID)
	}
	if slot, _ := p.AttributeSlot("plan"); p.AttributeIDs[slot] != "8" {
		t.Errorf("attribute id is %s, want the last", p.AttributeIDs[slot])
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`{"version":"4","revision":"1","experiments":[{"id":"1","key":"e","trafficAllocation":[{"entityId":"1","endOfRange":1}],"audienceConditions":["or","1"]}],"typedAudiences":[{"id":"1","conditions":["and",{"type":"custom_attribute","name":"x","match":"semver_ge","value":"1.2"}]}]}`)
	f.Add(`{"version":"2","revision":null,"audiences":[{"id":"1","conditions":"[\"not\",[\"and\"]]"}]}`)
	f.Add(`{"experiments":[{"trafficAllocation":[{"endOfRange":0.`)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := datafile.Parse(text)
		if (p == nil) == (err == nil) {
			t.Fatalf("project %v and error %v", p, err)
		}
	})
}

func mustParse(tb testing.TB, text string) *datafile.Project {
	tb.Helper()
	p, err := datafile.Parse(text)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}
