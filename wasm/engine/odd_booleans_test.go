package engine_test

import (
	"strings"
	"testing"

	"sortition/wasm/engine"
	"sortition/wasm/engine/event"
)

// Where a datafile should have a boolean, the official SDK asks JavaScript whether what it has is true, and passes it on as it is.
func TestAnyValueInPlaceOfABooleanIsTakenAsJavaScriptTakesIt(t *testing.T) {
	for value, c := range map[string]struct {
		isTrue               bool
		anonymizeIP, enabled string // as events tell them
	}{
		`true`:    {true, `true`, `true`},
		`"true"`:  {true, `"true"`, `"true"`},
		`"false"`: {true, `"false"`, `"false"`},
		`1`:       {true, `1`, `1`},
		`-0.5`:    {true, `-0.5`, `-0.5`},
		`[]`:      {true, `[]`, `[]`},
		`{"a":1}`: {true, `{"a":1}`, `{"a":1}`},
		`false`:   {false, `false`, `false`},
		`null`:    {false, `false`, `false`},
		`0`:       {false, `false`, `0`},
		`-0.0`:    {false, `false`, `-0.0`},
		`""`:      {false, `false`, `""`},
	} {
		t.Run(value, func(t *testing.T) {
			e := mustEngine(t, `{"version":"4","revision":"1","anonymizeIP":`+value+`,"sendFlagDecisions":`+value+`,"experiments":[],
				"rollouts":[{"id":"r","experiments":[{"id":"1","key":"rule","status":"Running","trafficAllocation":[{"entityId":"2","endOfRange":10000}],
					"variations":[{"id":"2","key":"v","featureEnabled":`+value+`,"variables":[{"id":"3","value":"own"}]}]}]}],
				"featureFlags":[{"id":"4","key":"flag","rolloutId":"r","experimentIds":[],"variables":[{"id":"3","key":"text","type":"string","defaultValue":"default"}]}]}`)
			d := e.Decide("flag", e.NewUser("u", nil))
			if d.Enabled() != c.isTrue || e.SendsImpression(&d) != c.isTrue {
				t.Errorf("enabled %v, tells of rollouts %v", d.Enabled(), e.SendsImpression(&d))
			}
			text := "default"
			if c.isTrue {
				text = "own"
			}
			shown := d.Shown()
			for got, want := range map[string]string{
				string(e.AppendEnvelope(nil, engine.Client{})):                                    `,"anonymize_ip":` + c.anonymizeIP + `,`,
				string(e.AppendOutcome(nil, &d)):                                                  `,"enabled":` + c.enabled + `,"variables":[{"key":"text","type":"string","value":"` + text + `"}]`,
				string(e.AppendImpression(nil, &shown, &event.Visitor{ID: "u"}, engine.Moment{})): `,"enabled":` + c.enabled + `}`,
			} {
				if !strings.Contains(got, want) {
					t.Errorf("%s lacks %s", got, want)
				}
			}
		})
	}
}
