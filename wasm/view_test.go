package main_test

import (
	"testing"

	"sortition/wasm/engine/view"
)

func (h *host) shows(t *testing.T) {
	h = h.reportTo(t)
	handle, _ := h.open(shop)
	p := mustParse(t, shop)
	for name, c := range map[string]struct{ got, want string }{
		"config":      {h.result(h.call("config", handle)), string(view.ConfigAnswer(p))},
		"a rule":      {h.result(h.call("entity", handle, 0, none)), string(view.Rule(p, p.Rules[0]))},
		"a variation": {h.result(h.call("entity", handle, none, 1)), string(view.Variation(p, p.Variations[1]))},
		"neither":     {h.result(h.call("entity", handle, none, none)), "null"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, natively %s", name, c.got, c.want)
		}
	}
}
