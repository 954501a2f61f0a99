package engine_test

import (
	"fmt"

	"sortition/wasm/engine"
	"sortition/wasm/engine/decision"
	"sortition/wasm/engine/event"
)

// A flag with an experiment for gold customers; everyone else gets what the rollout delivers.
const shelf = `{"version":"4","revision":"7","accountId":"1001","projectId":"2002","sendFlagDecisions":true,
	"attributes":[{"id":"5","key":"plan"}],"events":[{"id":"6","key":"item_purchase"}],
	"typedAudiences":[{"id":"7","name":"gold","conditions":["and",{"type":"custom_attribute","name":"plan","match":"exact","value":"gold"}]}],
	"experiments":[{"id":"10","key":"item-sort","layerId":"11","status":"Running","audienceIds":["7"],
		"variations":[{"id":"12","key":"price","featureEnabled":true,"variables":[{"id":"30","value":"By price"}]},
			{"id":"13","key":"category","featureEnabled":true,"variables":[{"id":"30","value":"By kind"}]}],
		"trafficAllocation":[{"entityId":"12","endOfRange":5000},{"entityId":"13","endOfRange":10000}]}],
	"rollouts":[{"id":"20","experiments":[{"id":"21","key":"everyone","layerId":"22","status":"Running","audienceIds":[],
		"variations":[{"id":"23","key":"plain","featureEnabled":false}],"trafficAllocation":[{"entityId":"23","endOfRange":10000}]}]}],
	"featureFlags":[{"id":"29","key":"shelf","experimentIds":["10"],"rolloutId":"20",
		"variables":[{"id":"30","key":"title","type":"string","defaultValue":"Everything"}]}]}`

func Example() {
	e, err := engine.New(shelf)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, plan := range []string{"gold", "free"} {
		d := e.Decide("shelf", e.NewUser("Matt", map[string]any{"plan": plan}))
		fmt.Println(plan, d.RuleKey(), d.VariationKey(), d.Enabled(), string(e.AppendVariables(nil, &d)))
	}
	// Output:
	// gold item-sort category true {"title":"By kind"}
	// free everyone plain false {"title":"Everything"}
}

func ExampleEngine_GetVariation() {
	e, _ := engine.New(shelf)
	fmt.Println(e.GetVariation("item-sort", e.NewUser("Matt", map[string]any{"plan": "gold"})).Key)
	fmt.Println(e.GetVariation("item-sort", e.NewUser("Matt", nil)) == nil)
	// Output:
	// category
	// true
}

func ExampleNew_badDatafile() {
	_, err := engine.New(`{"version":"4","revision":"1","experiments":[{"id":"10","key":}]}`)
	fmt.Println(err)
	// Output:
	// datafile: line 1, column 63 (experiments[0].key): expected a value
}

func ExampleUser_reasons() {
	e, _ := engine.New(shelf)
	user := e.NewUser("Matt", map[string]any{"plan": "gold"})
	user.Reasons = &decision.Reasons{}
	e.Decide("shelf", user)
	for _, reason := range user.Reasons.Strings() {
		fmt.Println(reason)
	}
	// Output:
	// Evaluating audiences for experiment "item-sort": ["7"].
	// Audiences for experiment item-sort collectively evaluated to TRUE.
	// Assigned bucket 7171 to user with bucketing ID Matt.
	// User Matt is in variation category of experiment item-sort.
}

func ExampleUser_ForceDecision() {
	e, _ := engine.New(shelf)
	user := e.NewUser("Matt", map[string]any{"plan": "gold"})
	user.ForceDecision("shelf", "price")
	d := e.Decide("shelf", user)
	fmt.Println(d.VariationKey(), d.Rule == nil)
	// Output: price true
}

func ExampleEngine_AppendImpression() {
	e, _ := engine.New(shelf)
	d := e.Decide("shelf", e.NewUser("Matt", nil))
	if !e.SendsImpression(&d) {
		return
	}
	shown := d.Shown()
	at := engine.Moment{UUID: "00112233-4455-4677-8899-aabbccddeeff", Timestamp: 1763870400123}
	batch := e.AppendEnvelope(nil, engine.Client{Name: "my-service", Version: "1.0.0"})
	batch = append(e.AppendImpression(batch, &shown, &event.Visitor{ID: "Matt"}, at), event.End...)
	decoded, err := event.Decode(string(batch))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(decoded.AccountID, decoded.Visitors[0].ID, decoded.Visitors[0].Snapshots[0].Decisions[0].Metadata.RuleType)
	// Output: 1001 Matt rollout
}
