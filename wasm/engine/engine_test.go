package engine_test

import (
	"testing"

	"sortition/wasm/engine"
	"sortition/wasm/engine/decision"
	"sortition/wasm/engine/enginetest"
	"sortition/wasm/engine/event"
)

func TestGetVariationGivesTheGoldenAnswers(t *testing.T) {
	for _, c := range enginetest.MustExperimentCases(t) {
		t.Run(c.Name, func(t *testing.T) {
			e := mustEngine(t, c.Datafile)
			got := ""
			if v := e.GetVariation(c.Experiment, e.NewUser(c.UserID, c.Attributes)); v != nil {
				got = v.Key
			}
			if got != c.Variation {
				t.Errorf("%q gets %q, want %q", c.UserID, got, c.Variation)
			}
		})
	}
}

const rules = `{"version":"4","revision":"1","experiments":[
	{"id":"1","key":"all","status":"Running","variations":[{"id":"11","key":"a"}],"trafficAllocation":[{"entityId":"11","endOfRange":10000}],
	 "audienceIds":["5"],"forcedVariations":{"listed":"a","listed-unknown":"z"}},
	{"id":"2","key":"paused","status":"Paused","variations":[{"id":"21","key":"a"}],"trafficAllocation":[{"entityId":"21","endOfRange":10000}],"forcedVariations":{"listed":"a"}},
	{"id":"3","key":"nobody","status":"Running","variations":[{"id":"31","key":"a"}],"trafficAllocation":[{"entityId":"31","endOfRange":0}]},
	{"id":"4","key":"elsewhere","status":"Running","variations":[],"trafficAllocation":[{"entityId":"11","endOfRange":10000}]}],
	"groups":[{"id":"9","policy":"random","trafficAllocation":[{"entityId":"","endOfRange":10000}],
	 "experiments":[{"id":"6","key":"grouped","status":"Running","variations":[{"id":"61","key":"a"}],"trafficAllocation":[{"entityId":"61","endOfRange":10000}]}]}],
	"rollouts":[{"id":"8","experiments":[{"id":"7","key":"rule","status":"Running","variations":[{"id":"71","key":"on"}],"trafficAllocation":[{"entityId":"71","endOfRange":10000}]}]}],
	"typedAudiences":[{"id":"5","conditions":["and",{"type":"custom_attribute","name":"plan","match":"exact","value":"gold"}]}]}`

func TestGetVariationSaysWhyInTheOfficialWords(t *testing.T) {
	e := mustEngine(t, rules)
	for name, c := range map[string]struct {
		experiment, user, plan string
		variation              string
		reason                 string // the last one
	}{
		"who meets the audience is bucketed":                         {"all", "u", "gold", "11", "User u is in variation a of experiment all."},
		"who does not is told so":                                    {"all", "u", "free", "", "User u does not meet conditions to be in experiment all."},
		"the whitelist comes before the audience":                    {"all", "listed", "free", "11", "User listed is forced in variation a."},
		"a whitelisted key that does not exist is passed over":       {"all", "listed-unknown", "gold", "11", "User listed-unknown is in variation a of experiment all."},
		"a paused experiment comes before the whitelist":             {"paused", "listed", "gold", "", "Experiment paused is not running."},
		"an empty traffic range takes nobody":                        {"nobody", "u", "", "", "User u is in no variation of experiment nobody."},
		"a traffic range may name another experiment's variation":    {"elsewhere", "u", "", "11", "User u is in variation a of experiment elsewhere."},
		"a group's empty slot keeps everyone out of its experiments": {"grouped", "u", "", "", "User u is in no variation of experiment grouped."},
		"a rollout's rule is no experiment":                          {"rule", "u", "", "", ""},
		"an unknown key is no experiment":                            {"none", "u", "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			u := e.NewUser(c.user, map[string]any{"plan": c.plan})
			u.Reasons = &decision.Reasons{}
			id, reason := "", ""
			if v := e.GetVariation(c.experiment, u); v != nil {
				id = v.ID
			}
			if all := u.Reasons.Strings(); len(all) > 0 {
				reason = all[len(all)-1]
			}
			if id != c.variation || reason != c.reason {
				t.Errorf("got variation %q because %q, want %q because %q", id, reason, c.variation, c.reason)
			}
		})
	}
}

func TestBucketingIDReplacesTheUserIDOnlyAsText(t *testing.T) {
	e := mustEngine(t, `{"version":"4","revision":"1","experiments":[{"id":"1","key":"e","status":"Running",
		"variations":[{"id":"11","key":"a"},{"id":"12","key":"b"}],"trafficAllocation":[{"entityId":"11","endOfRange":5000},{"entityId":"12","endOfRange":10000}]}]}`)
	other := ""
	for _, id := range []string{"u1", "u2", "u3", "u4", "u5", "u6", "u7", "u8"} {
		if e.GetVariation("e", e.NewUser(id, nil)) != e.GetVariation("e", e.NewUser("Matt", nil)) {
			other = id
		}
	}
	if other == "" {
		t.Fatal("no id with another variation than Matt's")
	}
	as := func(bucketingID any) string {
		return e.GetVariation("e", e.NewUser("Matt", map[string]any{engine.BucketingIDAttribute: bucketingID})).Key
	}
	if want := e.GetVariation("e", e.NewUser(other, nil)).Key; as(other) != want {
		t.Errorf("a text is not taken: got %s, want %s", as(other), want)
	}
	if want := e.GetVariation("e", e.NewUser("Matt", nil)).Key; as(7) != want {
		t.Errorf("a number must not be taken: got %s, want %s", as(7), want)
	}
}

func BenchmarkGetVariationNoAlloc(b *testing.B) {
	e := mustEngine(b, rules)
	user := e.NewUser("visitor-12345678", map[string]any{"plan": "gold"})
	b.ReportAllocs()
	for b.Loop() {
		e.GetVariation("all", user)
	}
}

func mustEngine(tb testing.TB, datafile string) *engine.Engine {
	tb.Helper()
	e, err := engine.New(datafile)
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

func BenchmarkAppendImpressionNoAlloc(b *testing.B) {
	e := mustEngine(b, rules)
	x := e.Project().ExperimentByKey("all")
	v := &event.Visitor{ID: "visitor-12345678", Attributes: make([]event.Attribute, 0, 4)}
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		v.Attributes = v.Attributes[:0]
		shown := engine.Activated(x, x.Variations[0])
		dst = e.AppendImpression(dst[:0], &shown, v, engine.Moment{UUID: "00112233-4455-4677-8899-aabbccddeeff", Timestamp: 1763870400123})
	}
}
