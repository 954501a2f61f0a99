package fleet

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// Observe opens the events of a fleet for somebody who only reads them. It
// changes nothing and waits for nobody. Of the options it takes the address, the
// credentials and the id; of the Fleet that it returns only Events is open.
func Observe(ctx context.Context, o Options) (*Fleet, error) {
	f := newFleet(o)
	if err := f.connect(ctx); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var err error
	f.Events, err = f.js.Stream(ctx, f.Name("events"))
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		err = errors.New("there is none of this id")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read the fleet %s at %s: %w", o.ID, withoutPassword(o.URL), err), f.Close())
	}
	return f, nil
}
