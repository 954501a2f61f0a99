package engine_test

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sortition/wasm/engine"
	"sortition/wasm/engine/decision"
	"sortition/wasm/engine/enginetest"
	"sortition/wasm/engine/event"
)

func TestDecideGivesTheGoldenAnswers(t *testing.T) {
	for _, c := range enginetest.MustVectors(t).Decisions.Cases {
		t.Run(c.Name, func(t *testing.T) {
			e := mustEngine(t, string(c.Datafile))
			u := goldenUser(t, e, &c)
			impressions := []any{}
			for _, key := range c.Keys {
				want, ok := c.Expected.Decisions[key]
				u.Reasons.Reset()
				d := e.Decide(key, u)
				if d.Flag != nil {
					impressions = append(impressions, impressionsOf(t, e, &d)...)
				}
				if d.Flag == nil || !ok {
					continue // told by whoever was asked, not by the engine
				}
				if diff := cmp.Diff(want, answerOf(e, &d, u, c.Options), compareJSON); diff != "" {
					t.Errorf("%s (-official +ours):\n%s", key, diff)
				}
			}
			if slices.Contains(c.Options, "DISABLE_DECISION_EVENT") {
				impressions = nil
			}
			if diff := cmp.Diff(mustJSON(t, c.Expected.Impressions), impressions, treatEmptyAsNil); diff != "" {
				t.Errorf("impressions (-official +ours):\n%s", diff)
			}
		})
	}
}

func BenchmarkDecideNoAlloc(b *testing.B) {
	e := mustEngine(b, shelf)
	user := e.NewUser("visitor-12345678", map[string]any{"plan": "gold"})
	b.ReportAllocs()
	for b.Loop() {
		e.Decide("shelf", user)
	}
}

func BenchmarkDecideRolloutNoAlloc(b *testing.B) {
	e := mustEngine(b, shelf)
	user := e.NewUser("visitor-12345678", nil)
	b.ReportAllocs()
	for b.Loop() {
		e.Decide("shelf", user)
	}
}

func BenchmarkDecideForcedNoAlloc(b *testing.B) {
	e := mustEngine(b, shelf)
	user := e.NewUser("visitor-12345678", nil)
	user.ForceDecision("shelf", "price")
	b.ReportAllocs()
	for b.Loop() {
		e.Decide("shelf", user)
	}
}

// goldenUser is the user of a scenario, with what is forced for them.
func goldenUser(t *testing.T, e *engine.Engine, c *enginetest.Decision) *engine.User {
	t.Helper()
	attributes := map[string]any{}
	for key, raw := range c.Attributes {
		attributes[key] = enginetest.Value(t, raw)
	}
	u := e.NewUser(c.UserID, attributes)
	u.Reasons, u.Profile = &decision.Reasons{}, &decision.Profile{}
	for _, f := range c.SetForcedVariation {
		if f.UserID != c.UserID {
			continue
		}
		experiment := e.Project().ExperimentByKey(f.ExperimentKey)
		if experiment == nil || experiment.VariationByKey(f.VariationKey) == nil {
			t.Fatalf("the scenario forces %s in %s, which are not there", f.VariationKey, f.ExperimentKey)
		}
		u.Forced = append(u.Forced, decision.Assignment{Slot: experiment.Slot, Variation: experiment.VariationByKey(f.VariationKey)})
	}
	for _, f := range c.ForcedDecisions {
		if f.RuleKey == nil {
			u.ForceDecision(f.FlagKey, f.VariationKey)
		} else {
			u.ForceRule(f.FlagKey, *f.RuleKey, f.VariationKey)
		}
	}
	return u
}

func answerOf(e *engine.Engine, d *engine.Decision, u *engine.User, options []string) enginetest.FlagDecision {
	answer := enginetest.FlagDecision{Enabled: d.Enabled(), Variables: json.RawMessage("{}"), Reasons: []string{}}
	if d.Variation != nil {
		key := d.VariationKey()
		answer.VariationKey = &key
	}
	if d.Rule != nil {
		key := d.RuleKey()
		answer.RuleKey = &key
	}
	if !slices.Contains(options, "EXCLUDE_VARIABLES") {
		answer.Variables = e.AppendVariables(nil, d)
	}
	if slices.Contains(options, "INCLUDE_REASONS") {
		answer.Reasons = u.Reasons.Strings()
	}
	return answer
}

// impressionsOf writes what a decision sends and reads back what the scenarios tell of it.
func impressionsOf(t *testing.T, e *engine.Engine, d *engine.Decision) (told []any) {
	t.Helper()
	shown := []engine.Shown{}
	if e.SendsImpression(d) {
		shown = append(shown, d.Shown())
	}
	if d.Holdout != nil {
		shown = append(shown, d.ShownHoldout())
	}
	for _, s := range shown {
		var visitor struct {
			Snapshots []struct {
				Decisions []map[string]any
				Events    []map[string]any
			}
		}
		if err := json.Unmarshal(e.AppendImpression(nil, &s, &event.Visitor{ID: "u"}, engine.Moment{}), &visitor); err != nil {
			t.Fatal(err)
		}
		one := visitor.Snapshots[0].Decisions[0]
		one["entity_id"] = visitor.Snapshots[0].Events[0]["entity_id"]
		told = append(told, one)
	}
	return told
}

var compareJSON = cmp.Transformer("JSON", func(raw json.RawMessage) (value any) {
	if err := json.Unmarshal(raw, &value); err != nil {
		return err.Error()
	}
	return value
})

var treatEmptyAsNil = cmp.FilterValues(func(a, b []any) bool { return len(a)+len(b) == 0 }, cmp.Ignore())

func mustJSON(t *testing.T, all []json.RawMessage) (values []any) {
	t.Helper()
	for _, raw := range all {
		var value any
		if err := json.Unmarshal(raw, &value); err != nil {
			t.Fatal(err)
		}
		values = append(values, value)
	}
	return values
}

func TestVariablesAreReadAsJavaScriptReadsThem(t *testing.T) {
	for _, c := range enginetest.MustVectors(t).Variables.Cases {
		t.Run(c.Type+" "+c.Value, func(t *testing.T) {
			got := string(engine.AppendVariable(nil, c.Type, c.Value))
			if want := enginetest.Value(t, c.JS); want == math.Inf(1) {
				if got != "1e999" {
					t.Errorf("got %s, want 1e999, which JSON.parse reads as Infinity", got)
				}
			} else if !cmp.Equal(json.RawMessage(got), c.JS, compareJSON) {
				t.Errorf("got %s, want %s", got, c.JS)
			}
		})
	}
}
