package engine_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sortition/wasm/engine"
	"sortition/wasm/engine/bucketing"
	"sortition/wasm/engine/decision"
	"sortition/wasm/engine/enginetest"
)

func TestARenewedUserIsAsGoodAsNew(t *testing.T) {
	e, err := engine.New(enginetest.NewGenerator(1).Datafile(enginetest.Medium))
	if err != nil {
		t.Fatal(err)
	}
	attributes := map[string]any{"country": "NO", "age": 42, engine.BucketingIDAttribute: "b"}
	used := e.NewUser("first", map[string]any{"country": "SE", "plan": "gold"})
	used.ForceDecision(enginetest.MeasuredFlag, "on")
	used.Segments, used.Reasons, used.Profile = []string{"s"}, &decision.Reasons{}, &decision.Profile{}

	used.Renew("second", attributes)
	same := cmp.Options{cmpopts.IgnoreUnexported(engine.User{}), cmp.AllowUnexported(bucketing.Prefix{})}
	if diff := cmp.Diff(e.NewUser("second", attributes), used, same); diff != "" {
		t.Errorf("-new +renewed:\n%s", diff)
	}
}
