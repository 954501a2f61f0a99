package engine_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sortition/wasm/engine"
	"sortition/wasm/engine/decision"
	"sortition/wasm/engine/enginetest"
)

// Who asks for reasons is never decided for by the quick way of decision/plain.go.
func sameWithReasons(t *testing.T, e *engine.Engine, id string, attributes map[string]any) (decided int) {
	t.Helper()
	u, asking := e.NewUser(id, attributes), e.NewUser(id, attributes)
	for _, f := range e.Project().Flags {
		asking.Reasons = new(decision.Reasons)
		got, want := e.Decide(f.Key, u), e.Decide(f.Key, asking)
		if got != want {
			t.Errorf("flag %s for %s with %v: %+v, and with reasons %+v", f.Key, id, attributes, got, want)
		}
		if got.Rule != nil {
			decided++
		}
	}
	for _, x := range e.Project().Experiments {
		asking.Reasons = new(decision.Reasons)
		if got, want := e.GetVariation(x.Key, u), e.GetVariation(x.Key, asking); got != want {
			t.Errorf("experiment %s for %s with %v: %+v, and with reasons %+v", x.Key, id, attributes, got, want)
		}
	}
	return decided
}

func TestADecisionIsTheSameWhetherOrNotItsReasonsAreAsked(t *testing.T) {
	g := enginetest.NewGenerator(seed)
	e := mustEngine(t, g.Datafile(enginetest.Medium))
	for _, v := range g.Arbitrary(200) {
		sameWithReasons(t, e, v.ID, v.Attributes)
	}
}

func TestWhatIsSpecialAboutARuleCountsWhetherOrNotReasonsAreAsked(t *testing.T) {
	for name, change := range map[string]func(datafile, experiment, delivery map[string]any){
		"nothing":                            func(_, _, _ map[string]any) {},
		"the experiment does not run":        func(_, e, _ map[string]any) { e["status"] = "Paused" },
		"the experiment has little traffic":  func(_, e, _ map[string]any) { e["trafficAllocation"] = traffic("11", 3000) },
		"some of its traffic is set aside":   func(_, e, _ map[string]any) { e["trafficAllocation"] = traffic("", 3000, "12", 6000) },
		"some of its traffic goes to nobody": func(_, e, _ map[string]any) { e["trafficAllocation"] = traffic("99", 3000, "12", 6000) },
		"its traffic goes to the delivery's": func(_, e, _ map[string]any) { e["trafficAllocation"] = traffic("21", 6000) },
		"its traffic goes to another flag's": func(_, e, _ map[string]any) { e["trafficAllocation"] = traffic("41", 6000) },
		"its traffic has four ranges": func(_, e, _ map[string]any) {
			e["trafficAllocation"] = traffic("11", 1000, "", 3000, "12", 5000, "11", 7000)
		},
		"its traffic has many ranges": func(_, e, _ map[string]any) {
			e["trafficAllocation"] = traffic("11", 1000, "12", 2000, "11", 3000, "99", 4000, "12", 5000, "21", 6000, "41", 7000, "11", 8000)
		},
		"the delivery's traffic has many ranges": func(_, _, d map[string]any) {
			d["trafficAllocation"] = traffic("21", 1000, "", 2000, "21", 3000, "99", 4000, "11", 5000, "21", 6000)
		},
		"the delivery has a long id":      func(_, _, d map[string]any) { d["id"] = "default-rollout-155563-22901780063" },
		"the delivery has a very long id": func(_, _, d map[string]any) { d["id"] = strings.Repeat("2", 100) },
		"two of its variations have one key": func(_, e, _ map[string]any) {
			e["variations"] = append(rule("1", "11", "a", "12", "a")["variations"].([]any), rule("1", "13", "a")["variations"].([]any)...)
		},
		"its audiences and the delivery's are too many for a row": func(_, e, d map[string]any) {
			e["audienceConditions"], d["audienceConditions"] = many(3000), many(3000)
		},
		"its audiences are too many for a walk":  func(_, e, _ map[string]any) { e["audienceConditions"] = many(5000) },
		"a user is listed for a delivery":        func(_, _, d map[string]any) { d["forcedVariations"] = map[string]any{"user_7": "on"} },
		"a user is listed":                       func(_, e, _ map[string]any) { e["forcedVariations"] = map[string]any{"user_7": "b"} },
		"it is a bandit":                         func(_, e, _ map[string]any) { e["cmab"] = map[string]any{"attributeIds": []any{}} },
		"the delivery has little traffic":        func(_, _, d map[string]any) { d["trafficAllocation"] = traffic("21", 3000) },
		"the flag has no list of experiments":    func(f, _, _ map[string]any) { delete(f["featureFlags"].([]any)[0].(map[string]any), "experimentIds") },
		"the flag has no rollout":                func(f, _, _ map[string]any) { f["featureFlags"].([]any)[0].(map[string]any)["rolloutId"] = "" },
		"the flag has a rollout that is unknown": func(f, _, _ map[string]any) { f["featureFlags"].([]any)[0].(map[string]any)["rolloutId"] = "9" },
		"everyone may be held out": func(f, _, _ map[string]any) {
			f["holdouts"] = []any{holdout(nil)}
		},
		"everyone may be held out, but not from deliveries": func(f, _, _ map[string]any) {
			h := holdout(nil)
			h["excludeTargetedDeliveries"] = true
			f["holdouts"] = []any{h}
		},
		"the experiment's users may be held out": func(f, _, _ map[string]any) { f["localHoldouts"] = []any{holdout([]any{"1"})} },
		"those of one that does not run, too": func(f, e, _ map[string]any) {
			e["status"], f["localHoldouts"] = "Paused", []any{holdout([]any{"1"})}
		},
		"the delivery's users may be held out": func(f, _, _ map[string]any) { f["localHoldouts"] = []any{holdout([]any{"2"})} },
		"the experiment is one of a random group": func(f, e, _ map[string]any) {
			f["experiments"], f["groups"] = []any{}, []any{group("random", e)}
		},
		"a random group leaves it nobody": func(f, e, _ map[string]any) {
			g := group("random", e)
			g["trafficAllocation"] = traffic("", 5000, "9", 10_000)
			f["experiments"], f["groups"] = []any{}, []any{g}
		},
		"a random group leaves it some of many ranges": func(f, e, _ map[string]any) {
			g, ranges := group("random", e), []any{}
			for end := 100; end <= 10_000; end += 100 {
				ranges = append(ranges, []any{"1", "9", ""}[end/100%3], end)
			}
			g["trafficAllocation"] = traffic(ranges...)
			f["experiments"], f["groups"] = []any{}, []any{g}
		},
		"a holdout is for some": func(f, _, _ map[string]any) {
			h := holdout(nil)
			h["audienceIds"] = []any{"61"}
			f["holdouts"] = []any{h}
		},
		"the experiment is one of another group": func(f, e, _ map[string]any) {
			f["experiments"], f["groups"] = []any{}, []any{group("overlapping", e)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			experiment, delivery, last := rule("1", "11", "a", "12", "b"), rule("2", "21", "on"), rule("3", "31", "on")
			experiment["audienceIds"], delivery["audienceIds"] = []any{"61"}, []any{"61"}
			other := rule("4", "41", "a")
			datafile := map[string]any{
				"version": "4", "revision": "1", "accountId": "1", "projectId": "1", "experiments": []any{experiment},
				"audiences": []any{map[string]any{"id": "61", "conditions": `["or",{"type":"custom_attribute","name":"plan","match":"exact","value":"gold"}]`}},
				"rollouts":  []any{map[string]any{"id": "5", "experiments": []any{delivery, last}}, map[string]any{"id": "6", "experiments": []any{other}}},
				"featureFlags": []any{
					map[string]any{"id": "81", "key": "shelf", "experimentIds": []any{"1"}, "rolloutId": "5", "variables": []any{}},
					map[string]any{"id": "82", "key": "other", "experimentIds": []any{}, "rolloutId": "6", "variables": []any{}},
				},
			}
			change(datafile, experiment, delivery)
			text, err := json.Marshal(datafile)
			if err != nil {
				t.Fatal(err)
			}
			e, decided := mustEngine(t, string(text)), 0
			for i := range 200 {
				decided += sameWithReasons(t, e, fmt.Sprint("user_", i), map[string]any{"plan": []any{"gold", "free", nil, 7}[i%4]})
			}
			if decided == 0 {
				t.Error("nothing was decided")
			}
		})
	}
}

// rule returns one that runs, with variations by id and key, among which its traffic is shared out.
func rule(id string, variations ...string) map[string]any {
	var all, ends []any
	for i := 0; i < len(variations); i += 2 {
		all = append(all, map[string]any{"id": variations[i], "key": variations[i+1], "featureEnabled": true, "variables": []any{}})
		ends = append(ends, variations[i], 10_000*(i+2)/len(variations))
	}
	return map[string]any{
		"id": id, "key": "rule_" + id, "layerId": "1", "status": "Running", "audienceIds": []any{}, "forcedVariations": map[string]any{},
		"variations": all, "trafficAllocation": traffic(ends...),
	}
}

// many returns the conditions of who is in an audience, so many times.
func many(times int) []any { return append([]any{"or"}, slices.Repeat([]any{"61"}, times)...) }

// traffic returns ranges: whose each is, and where it ends.
func traffic(ends ...any) (ranges []any) {
	for i := 0; i < len(ends); i += 2 {
		ranges = append(ranges, map[string]any{"entityId": ends[i], "endOfRange": ends[i+1]})
	}
	return ranges
}

// holdout returns one of a third of the users of all flags, or of the rules with these ids.
func holdout(rules []any) map[string]any {
	h := rule("7", "71", "off")
	h["trafficAllocation"] = traffic("71", 3333)
	if rules != nil {
		h["includedRules"] = rules
	}
	return h
}

// group returns one that gives half of the users to an experiment.
func group(policy string, experiment map[string]any) map[string]any {
	return map[string]any{"id": "72", "policy": policy, "experiments": []any{experiment}, "trafficAllocation": traffic(experiment["id"], 5000)}
}
