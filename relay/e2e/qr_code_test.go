package e2e

import (
	"bytes"
	"image/png"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/multi/qrcode"

	"sortition/relay/e2e/internal/browser"
	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

const (
	codeIsOpen   = `!!document.querySelector('.qr-code:popover-open')`
	codeIsClosed = `!document.querySelector('.qr-code:popover-open')`
)

// mustScan reads the QR code in the window as a camera does, from what is drawn. Data may look like one of the three corners by
// chance, as every address has a port of its own: so all threes of what may be corners are tried.
func (p *page) mustScan() string {
	p.t.Helper()
	p.until(codeIsOpen + ` && ` + browser.Still)
	shot, err := p.Screenshot()
	must(p.t, err)
	picture, err := png.Decode(bytes.NewReader(shot))
	must(p.t, err)
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	must(p.t, err)
	found, err := qrcode.NewQRCodeMultiReader().DecodeMultiple(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil || len(found) != 1 {
		p.t.Fatalf("%d QR codes are read from the window: %v", len(found), err)
	}
	return found[0].GetText()
}

// mustScanItsAddress fails when the QR code does not lead to what the page shows.
func (p *page) mustScanItsAddress() {
	p.t.Helper()
	if got, want := p.mustScan(), eval[string](p, `location.href`); got != want {
		p.t.Errorf("the QR code reads %s, not %s", got, want)
	}
}

// openCode opens the QR code by keys alone.
func (p *page) openCode() {
	p.t.Helper()
	p.until(`!document.querySelector('main').textContent.includes('Engine loading')`)
	eval[bool](p, `(document.querySelector('.js-override').open = true)`)
	must(p.t, p.Press("button", "Open on a phone", kb.Enter))
	p.until(codeIsOpen)
}

func TestTheQRCodeIsReadInBothThemesOnADeskAndOnAPhone(t *testing.T) {
	t.Parallel()
	axe := relaytest.MustRead(t, "node_modules/axe-core/axe.min.js")
	relay := mustStart(t, process.Options{})
	store := mustOpenInTrouble(t, mustBrowser(t), relay.URL+`/?user=Zoë&attributes={"plan":"gold"}&forced=price`, axe)
	store.openCode()
	store.sees("A phone cannot reach 127.0.0.1")
	for _, width := range []int64{1280, 320} {
		must(t, store.Resize(width, 900))
		for _, dark := range []bool{false, true} {
			must(t, store.SetDark(dark))
			store.mustScanItsAddress()
			for _, offence := range store.offences() {
				t.Errorf("%d px wide, dark %t: %s", width, dark, offence)
			}
		}
		if wide := eval[[]string](store, tooWide); len(wide) > 0 {
			t.Errorf("%d px wide, it scrolls sideways: %v", width, wide)
		}
	}
	must(t, store.SetMedia("", "forced-colors", "active"))
	store.mustScanItsAddress()
	store.mustBeContent()
}

func TestTheQRCodeFollowsWhatThePageShowsAndEscapeClosesIt(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	store := mustOpen(t, relay.URL+"/?user=Matt")
	store.openCode()
	store.until(focused + ` === 'Close'`)
	before := store.mustScan()
	must(t, store.Press("combobox", "Variation", kb.ArrowDown))
	store.sees("you chose this variation")
	store.mustScanItsAddress()
	if after := store.mustScan(); after == before {
		t.Errorf("another variation is looked at, and the QR code still reads %s", after)
	}
	must(t, store.Press("button", "Close", kb.Escape))
	store.until(codeIsClosed)

	must(t, store.Press("button", "Open on a phone", kb.Enter))
	store.until(focused + ` === 'Close'`)
	must(t, store.Keys(kb.Enter))
	store.until(codeIsClosed)
	store.until(focused + ` === 'Open on a phone'`)
}

func TestALinkThatNoCameraWouldReadIsNotDrawn(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	store := mustOpen(t, relay.URL+`/?user=Matt&attributes={"note":"`+strings.Repeat("long", 250)+`"}`)
	store.openCode()
	store.sees("too long for a code")
	if drawn := eval[int](store, `document.querySelectorAll('.qr-code svg').length`); drawn > 0 {
		t.Error("something is drawn all the same")
	}
}

func TestTheQRCodeIsThereBelowAPathAndWithoutANetwork(t *testing.T) {
	t.Parallel()
	address, stop := hostedBy(mustExport)(t)
	store := mustOpenInTrouble(t, mustBrowser(t), address+"?user=Matt", "")
	store.sees("Matt sees: sorted by")
	store.mustBeKept()
	stop()
	must(t, store.Reload())
	store.sees("Matt sees: sorted by")
	store.openCode()
	store.mustScanItsAddress()
}
