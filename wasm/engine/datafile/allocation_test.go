package datafile_test

import "testing"

func TestARangeEndsWhereJavaScriptFindsBucketsBelowIt(t *testing.T) {
	for end, want := range map[string]int{
		`5000`:          5000,
		`4999.5`:        5000,
		`-1`:            0,
		`1e9`:           10000,
		`"5000"`:        5000,
		`" 5000\n"`:     5000,
		`"+4999.5"`:     5000,
		`"5e3"`:         5000,
		`"0x1388"`:      5000,
		`"Infinity"`:    10000,
		`"-5000"`:       0,
		`"5000 visits"`: 0,
		`""`:            0,
		`true`:          1,
		`false`:         0,
		`null`:          0,
		`{}`:            0,
	} {
		p := mustParse(t, `{"version":"4","revision":"1","groups":[{"id":"g","trafficAllocation":[{"entityId":"1","endOfRange":`+end+`}]}],
			"experiments":[{"id":"1","key":"e","trafficAllocation":[{"entityId":"2","endOfRange":`+end+`}]}]}`)
		if got := p.ExperimentByKey("e").Allocation[0].EndOfRange; got != want {
			t.Errorf("%s ends an experiment's range at %d, want %d", end, got, want)
		}
		if got := p.Groups[0].Allocation[0].EndOfRange; got != want {
			t.Errorf("%s ends a group's range at %d, want %d", end, got, want)
		}
	}
}
