package event

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestABlankListsWhatItsEventsSay(t *testing.T) {
	for _, s := range mustScenarios(t) {
		t.Run(s.Name, func(t *testing.T) {
			v := s.visitor(t)
			var body struct {
				Visitors []struct {
					Attributes []any
					Snapshots  []struct {
						Decisions []map[string]any
						Events    []map[string]any
					}
				}
			}
			mustUnmarshal(t, json.RawMessage(s.Body), &body)
			snapshot := body.Visitors[0].Snapshots[0]
			said := snapshot.Events[0]
			var blank []byte
			var want []any
			if s.Decision == nil {
				blank = AppendBlankConversion(nil, v, &Event{EntityID: "401", Key: "item_purchase"})
				want = []any{said["entity_id"], said["key"]}
			} else {
				blank = AppendBlankImpression(nil, v, s.decision())
				shown := snapshot.Decisions[0]
				metadata := shown["metadata"].(map[string]any)
				want = []any{shown["campaign_id"], shown["experiment_id"], shown["variation_id"]}
				for _, name := range []string{"flag_key", "rule_key", "rule_type", "variation_key", "enabled"} {
					want = append(want, metadata[name])
				}
				if said["entity_id"] != shown["campaign_id"] || said["key"] != Activated {
					t.Errorf("hosts take the event's id from the campaign, and %s for its key: %v", Activated, said)
				}
			}
			var got []any
			mustUnmarshal(t, blank, &got)
			if diff := cmp.Diff(append(want, any(body.Visitors[0].Attributes)), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
