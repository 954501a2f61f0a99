package bucketing_test

import (
	"encoding/hex"
	"math/rand/v2"
	"slices"
	"testing"

	"sortition/wasm/engine/bucketing"
	"sortition/wasm/engine/enginetest"
)

func TestHashGivesMurmur3ReferenceValues(t *testing.T) {
	for _, c := range enginetest.MustVectors(t).Murmur3.Cases {
		if got := bucketing.Hash(string(mustHex(t, c.Hex)), c.Seed); got != c.Hash {
			t.Errorf("seed %d, bytes %s: %d, want %d", c.Seed, c.Hex, got, c.Hash)
		}
	}
}

func TestBucketIsTheSameHoweverTheKeyIsSplit(t *testing.T) {
	for _, c := range enginetest.MustVectors(t).Buckets.Cases {
		key := string(mustHex(t, c.UTF8))
		if got := bucketing.Hash(key, 1); got != c.Hash {
			t.Errorf("%q: hash %d, want %d", key, got, c.Hash)
		}
		for i := range len(key) + 1 {
			if got := bucketOf(key[:i], key[i:]); got != c.Bucket {
				t.Errorf("%q then %q: bucket %d, want %d", key[:i], key[i:], got, c.Bucket)
			}
		}
	}
}

func TestLoneSurrogatesHashAsTheReplacementCharacter(t *testing.T) {
	for in, want := range map[string]string{
		"a\xed\xa0\x80b":            "a\uFFFDb",
		"\xed\xbf\xbf":              "\uFFFD",
		"\xed\xa0\x80\xed\xa0\x80":  "\uFFFD\uFFFD",
		"in \xed\xa0\x80 a block":   "in \uFFFD a block",
		"\xed\x9f\xbf":              "\uD7FF", // is none
		"한국 사람, with ids in Hangul": "한국 사람, with ids in Hangul",
	} {
		if got, want := bucketOf(in, "1"), bucketOf("", want+"1"); got != want { // an entity's id is hashed as it is
			t.Errorf("%q: bucket %d, want %d", in, got, want)
		}
	}
}

func TestFindTakesTheFirstRangeAboveTheBucket(t *testing.T) {
	v := enginetest.MustVectors(t).Allocation
	for _, scan := range []enginetest.Scan{v.Scan, v.ZeroWidth, v.Unsorted} {
		ranges := rangesOf(scan.Ranges)
		line := bucketing.NewLine(ranges)
		for _, c := range scan.Cases {
			i := line.Find(c.Bucket)
			switch {
			case c.Expected == nil && i < len(ranges):
				t.Errorf("bucket %d: got %q, want no range", c.Bucket, ranges[i].EntityID)
			case c.Expected != nil && (i == len(ranges) || ranges[i].EntityID != *c.Expected):
				t.Errorf("bucket %d: got range %d, want %q", c.Bucket, i, *c.Expected)
			}
		}
	}
}

func TestLineFindsWhatALookAtEachRangeWould(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		ranges := make([]bucketing.Range, random.IntN(11))
		for i := range ranges {
			ranges[i].EndOfRange = random.IntN(bucketing.MaxTraffic + 1)
		}
		line := bucketing.NewLine(ranges)
		for range 100 {
			bucket := random.IntN(bucketing.MaxTraffic)
			want := slices.IndexFunc(ranges, func(r bucketing.Range) bool { return bucket < r.EndOfRange })
			if want < 0 {
				want = len(ranges)
			}
			if got := line.Find(bucket); got != want {
				t.Fatalf("bucket %d in %v: range %d, want %d", bucket, ranges, got, want)
			}
		}
	}
}

func TestGroupAndExperimentAreBucketedApart(t *testing.T) {
	v := enginetest.MustVectors(t).Groups
	for _, c := range v.Cases {
		if got := bucketOf(c.BucketingID, v.Group.ID); got != c.GroupBucket {
			t.Errorf("%s in group: bucket %d, want %d", c.BucketingID, got, c.GroupBucket)
		}
		if got := bucketOf(c.BucketingID, c.Experiment); c.ExperimentBucket != nil && got != *c.ExperimentBucket {
			t.Errorf("%s in experiment %s: bucket %d, want %d", c.BucketingID, c.Experiment, got, *c.ExperimentBucket)
		}
	}
}

func BenchmarkBucketNoAlloc(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		bucketOf("visitor-12345678", "1886780721")
	}
}

func bucketOf(bucketingID, entityID string) int {
	prefix := bucketing.NewPrefix(bucketingID)
	return bucketing.BucketOf(prefix.Hash(entityID))
}

func rangesOf(in []enginetest.Range) []bucketing.Range {
	out := make([]bucketing.Range, len(in))
	for i, r := range in {
		out[i] = bucketing.Range{EntityID: r.EntityID, EndOfRange: r.EndOfRange}
	}
	return out
}

func mustHex(tb testing.TB, s string) []byte {
	tb.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}
