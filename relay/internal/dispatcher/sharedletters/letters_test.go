package sharedletters

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/nats-io/nats.go/jetstream"

	"sortition/relay/internal/dispatcher"
	"sortition/relay/internal/fleet"
)

// servers are what a bucket keeps, and how often they were asked for all keys.
type servers struct {
	values   map[string][]byte
	revision uint64
	lists    int
	full     string // keys that begin so find no room
}

func (s *servers) Newest(_ context.Context, key string) (*fleet.Entry, error) {
	if value, ok := s.values[key]; ok {
		return &fleet.Entry{Value: value}, nil
	}
	return nil, jetstream.ErrKeyNotFound
}

func (s *servers) Put(_ context.Context, key string, value []byte) (uint64, error) {
	if s.full != "" && strings.HasPrefix(key, s.full) {
		return 0, &jetstream.APIError{ErrorCode: 10077, Description: "maximum bytes exceeded"}
	}
	s.revision++
	s.values[key] = value
	return s.revision, nil
}

func (s *servers) Keys(_ context.Context, match string) (keys []string, err error) {
	s.lists++
	for key := range maps.Keys(s.values) {
		if strings.HasPrefix(key, strings.TrimSuffix(match, ">")) {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

func (s *servers) Drop(_ context.Context, key string) error {
	delete(s.values, key)
	return nil
}

func (s *servers) PutBlob(ctx context.Context, name string, content []byte) (int, error) {
	_, err := s.Put(ctx, name, content)
	return 1, err
}

func (s *servers) Blob(_ context.Context, name string, _ int) ([]byte, error) {
	return s.values[name], nil
}

func (s *servers) DropBlob(ctx context.Context, name string) error { return s.Drop(ctx, name) }

// mustPut puts letters of two projects by turns.
func mustPut(tb testing.TB, b *Box, count int) {
	tb.Helper()
	for i := range count {
		if err := b.Put(dispatcher.Letter{SDKKey: fmt.Sprint("p", i%2)}); err != nil {
			tb.Fatal(err)
		}
	}
}

// mustWalk returns the ids of a project's letters, of all with "".
func mustWalk(tb testing.TB, b *Box, sdkKey string, each func(dispatcher.Letter)) (ids []uint64) {
	tb.Helper()
	for id := uint64(1); ; id++ {
		letter, found, err := b.From(id, sdkKey)
		if err != nil {
			tb.Fatal(err)
		}
		if !found {
			return ids
		}
		id = letter.ID
		ids = append(ids, id)
		each(letter)
	}
}

func TestAWalkThroughTheLettersAsksForFewLists(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		there := &servers{values: map[string][]byte{}}
		here, elsewhere := New(there), New(there)
		const letters = 200
		mustPut(t, here, letters)
		there.lists = 0
		later := false
		ids := mustWalk(t, here, "", func(letter dispatcher.Letter) {
			if err := here.Remove(letter); err != nil {
				t.Fatal(err)
			}
			if !later {
				later = true
				mustPut(t, elsewhere, 1)
			}
		})
		if len(ids) != letters+1 || !slices.IsSorted(ids) {
			t.Errorf("of %d letters and one that came meanwhile %d were found", letters, len(ids))
		}
		if there.lists > 3 {
			t.Errorf("the servers were asked for %d lists", there.lists)
		}
	})
}

func TestLettersOfAllProjectsAreCountedByOneList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		there := &servers{values: map[string][]byte{}}
		here := New(there)
		mustPut(t, here, 7)
		there.lists = 0
		if first, second, none := here.Count("p0"), here.Count("p1"), here.Count("p2"); first != 4 || second != 3 || none != 0 || there.lists != 1 {
			t.Errorf("there are %d, %d and %d, by %d lists", first, second, none, there.lists)
		}
		if err := here.Remove(dispatcher.Letter{ID: mustWalk(t, here, "p1", func(dispatcher.Letter) {})[0], SDKKey: "p1"}); err != nil {
			t.Fatal(err)
		}
		if left := here.Count("p1"); left != 2 {
			t.Errorf("%d are left", left)
		}
	})
}

func TestALetterForWhichThereIsNoRoomLeavesNothing(t *testing.T) {
	for _, full := range []string{"text.", "letter."} {
		there := &servers{values: map[string][]byte{}, full: full}
		if err := New(there).Put(dispatcher.Letter{SDKKey: "p"}); !errors.Is(err, dispatcher.ErrNoRoom) {
			t.Errorf("no room for %s: %v", full, err)
		}
		if delete(there.values, idKey); len(there.values) > 0 {
			t.Errorf("no room for %s, and %d keys are left", full, len(there.values))
		}
	}
}
