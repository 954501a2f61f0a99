package engine_test

import (
	"testing"

	"sortition/wasm/engine/audience"
	"sortition/wasm/engine/bucketing"
	"sortition/wasm/engine/decision"
	"sortition/wasm/engine/enginetest"
)

func TestEveryReasonHasItsStep(t *testing.T) {
	for _, c := range enginetest.MustVectors(t).Decisions.Cases {
		e := mustEngine(t, string(c.Datafile))
		u := goldenUser(t, e, &c)
		for _, key := range c.Keys {
			u.Reasons.Reset()
			e.Decide(key, u)
			steps, reasons := u.Reasons.AppendSteps(nil), u.Reasons.Strings()
			if len(steps) != decision.StepSize*len(reasons) {
				t.Errorf("%s, %s: %d numbers for %d reasons", c.Name, key, len(steps), len(reasons))
			}
			for i := 0; i < len(steps); i += decision.StepSize {
				if rule := steps[i+1]; rule != decision.None && e.Project().Rules[rule].Index != int(rule) {
					t.Errorf("%s, %s: step %d is about rule %d", c.Name, key, i/decision.StepSize, rule)
				}
			}
		}
	}
}

func TestStepsTellThePlaceOnEachLine(t *testing.T) {
	e := mustEngine(t, `{"version":"4","revision":"1","experiments":[],"groups":[{"id":"7","policy":"random",
		"trafficAllocation":[{"entityId":"1","endOfRange":10000}],"experiments":[{"id":"1","key":"a","status":"Running",
		"variations":[{"id":"11","key":"v"}],"trafficAllocation":[{"entityId":"11","endOfRange":10000}]}]}]}`)
	u := e.NewUser("Matt", nil)
	u.Reasons = &decision.Reasons{}
	if e.GetVariation("a", u) == nil {
		t.Fatal("Matt has no variation")
	}
	places := map[uint32]int{}
	steps := u.Reasons.AppendSteps(nil)
	for i := 0; i < len(steps); i += decision.StepSize {
		if hash := uint32(steps[i+3]); hash != 0 {
			places[hash] = int(steps[i+4])
		}
	}
	for _, entity := range []string{"7", "1"} {
		matt := bucketing.NewPrefix("Matt")
		hash := matt.Hash(entity)
		if got, want := places[hash], bucketing.BucketOf(hash); got != want {
			t.Errorf("the line of %s: bucket %d, want %d; there are %v", entity, got, want, places)
		}
	}
}

func TestPartsOfAnAudienceAreAnsweredAsTheWhole(t *testing.T) {
	e := mustEngine(t, `{"version":"4","revision":"1","experiments":[],"attributes":[{"id":"1","key":"plan"},{"id":"2","key":"age"}],
		"typedAudiences":[{"id":"5","conditions":["or",{"type":"custom_attribute","name":"plan","match":"exact","value":"gold"}]}],
		"audiences":[{"id":"6","conditions":"[\"or\",{\"type\":\"custom_attribute\",\"name\":\"age\",\"value\":40}]"}]}`)
	u := e.NewUser("Matt", map[string]any{"plan": "gold", "age": 30})
	for _, c := range []struct {
		name, text string
		list       bool
		want       audience.Truth
	}{
		{"a condition that holds", `{"type":"custom_attribute","name":"plan","match":"exact","value":"gold"}`, false, audience.True},
		{"one that does not", `{"type":"custom_attribute","name":"age","match":"gt","value":30}`, false, audience.False},
		{"one of a type it cannot compare", `{"type":"custom_attribute","name":"plan","match":"gt","value":1}`, false, audience.Unknown},
		{"one about an attribute the datafile does not know", `{"type":"custom_attribute","name":"x","match":"exists"}`, false, audience.False},
		{"its opposite", `["not",{"type":"custom_attribute","name":"age","match":"gt","value":30}]`, false, audience.True},
		{"an audience", `"5"`, true, audience.True},
		{"a legacy audience", `"6"`, true, audience.False},
		{"an audience that is not there", `"9"`, true, audience.Unknown},
		{"a tree of audiences", `["and","5",["not","6"]]`, true, audience.True},
		{"no audience", `[]`, true, audience.True},
	} {
		got, err := e.Project().Truth(c.text, c.list, &u.User.User)
		if got != c.want || err != nil {
			t.Errorf("%s is %v, want %v; %v", c.name, got, c.want, err)
		}
	}
	for _, list := range []bool{false, true} {
		if _, err := e.Project().Truth(`["or"`, list, &u.User.User); err == nil {
			t.Error("what is no JSON is no error")
		}
	}
}
