package evaluate_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sortition/relay/internal/evaluate"
	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/enginetest"
)

// The golden scenarios, as far as a request can tell them: what the official JavaScript SDK decides and sends, Agent's API does too.
func TestDecideGivesTheOfficialSDKsAnswersAndImpressions(t *testing.T) {
	asked := 0
	for _, c := range enginetest.MustVectors(t).Decisions.Cases {
		body, ok := requestOf(t, &c)
		if !ok {
			continue
		}
		asked++
		t.Run(c.Name, func(t *testing.T) {
			project := mustParse(t, string(c.Datafile))
			// A key that is there twice counts once, and has the answer be an array.
			answer, events, err := evaluate.Decide(project, body, append(c.Keys, c.Keys[0]))
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]enginetest.FlagDecision{}
			for _, d := range answer.(evaluate.Decisions) {
				got[d.FlagKey] = official(d)
			}
			if diff := cmp.Diff(c.Expected.Decisions, got, compareJSON); diff != "" {
				t.Errorf("decisions (-official +ours):\n%s", diff)
			}
			if diff := cmp.Diff(asJSON(t, c.Expected.Impressions), impressionsIn(t, events)); diff != "" {
				t.Errorf("impressions (-official +ours):\n%s", diff)
			}
		})
	}
	if asked < 59 {
		t.Errorf("only %d scenarios could be asked for", asked)
	}
}

// requestOf is the body that asks for a scenario's decisions. There is none for variations that were forced by setForcedVariation,
// or for numbers that JSON has not.
func requestOf(t *testing.T, c *enginetest.Decision) (body string, ok bool) {
	t.Helper()
	request := map[string]any{"userId": c.UserID, "decideOptions": c.Options}
	attributes := map[string]json.RawMessage{}
	for key, raw := range c.Attributes {
		if strings.Contains(string(raw), `"$num"`) {
			return "", false
		}
		if _, undefined := enginetest.Value(t, raw).(enginetest.Undefined); !undefined {
			attributes[key] = raw
		}
	}
	request["userAttributes"] = attributes
	forced := []map[string]any{}
	for _, f := range c.ForcedDecisions {
		forced = append(forced, map[string]any{"flagKey": f.FlagKey, "ruleKey": f.RuleKey, "variationKey": f.VariationKey})
	}
	request["forcedDecisions"] = forced
	text, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	return string(text), c.UserID != "" && len(c.Keys) > 0 && len(c.SetForcedVariation) == 0
}

// official is a decision as the JavaScript SDK has it: null where Agent has no text, and variables always.
func official(d evaluate.Decision) enginetest.FlagDecision {
	orNull := func(key string) *string {
		if key == "" {
			return nil
		}
		return &key
	}
	o := enginetest.FlagDecision{VariationKey: orNull(d.VariationKey), RuleKey: orNull(d.RuleKey), Enabled: d.Enabled, Variables: d.Variables, Reasons: d.Reasons}
	if o.Variables == nil {
		o.Variables = json.RawMessage("{}")
	}
	return o
}

// impressionsIn is what the scenarios tell of a batch's impressions.
func impressionsIn(t *testing.T, events string) (told []any) {
	t.Helper()
	if events == "" {
		return nil
	}
	var batch struct {
		Visitors []struct {
			Snapshots []struct {
				Decisions []map[string]any
				Events    []map[string]any
			}
		}
	}
	if err := json.Unmarshal([]byte(events), &batch); err != nil {
		t.Fatal(err)
	}
	for _, v := range batch.Visitors {
		one := v.Snapshots[0].Decisions[0]
		one["entity_id"] = v.Snapshots[0].Events[0]["entity_id"]
		told = append(told, one)
	}
	return told
}

func asJSON(t *testing.T, all []json.RawMessage) (values []any) {
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

var compareJSON = cmp.Transformer("JSON", func(raw json.RawMessage) (value any) {
	if err := json.Unmarshal(raw, &value); err != nil {
		return err.Error()
	}
	return value
})

func mustParse(tb testing.TB, text string) *datafile.Project {
	tb.Helper()
	project, err := datafile.Parse(text)
	if err != nil {
		tb.Fatal(err)
	}
	return project
}
