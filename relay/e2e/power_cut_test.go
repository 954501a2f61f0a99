package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"testing"

	"sortition/relay/e2e/internal/process"
)

func TestWhatWasAnsweredOutlivesPowerCuts(t *testing.T) {
	t.Parallel()
	disk := mustMountDisk(t)
	relay := mustStart(t, process.Options{DataDir: filepath.Join(disk.folder, "new", "data")})
	shop := openShop(t, relay.URL)
	var safe []int64
	for cut := range 4 {
		safe = append(safe, shop.mustTake(t, 1+200*cut)...) // at first as soon as there is anything to lose
		must(t, relay.Freeze())
		safe = append(safe, shop.taken()...)
		after := disk.mustCut(t)
		must(t, relay.Thaw())

		left := filepath.Join(after, "new", "data")
		kept := mustListPurchases(t, left)
		for _, number := range safe {
			if !kept[number] {
				t.Errorf("purchase %d was answered 204 and is lost, one of %d in cut %d", number, len(safe), cut)
			}
		}
		mustCountUntil(t, mustStart(t, process.Options{DataDir: left}), counts{Visitors: len(kept), Conversions: len(kept)})
	}
	shop.close()
}

// purchaseInLog finds the uuids that demotest.Purchase gives conversions.
var purchaseInLog = regexp.MustCompile(`"purchase-(\d+)"`)

// mustListPurchases reads the numbers of the purchases in the event log of a data folder.
func mustListPurchases(t *testing.T, dataDir string) map[int64]bool {
	t.Helper()
	log, err := exec.Command("../relay", "events", "--data-dir", dataDir).CombinedOutput()
	if err != nil {
		t.Fatalf("the log is not read after the cut: %v\n%s", err, log)
	}
	kept := map[int64]bool{}
	for _, match := range purchaseInLog.FindAllSubmatch(log, -1) {
		number, err := strconv.ParseInt(string(match[1]), 10, 64)
		must(t, err)
		kept[number] = true
	}
	return kept
}

// disk is a file system in a file. What was written to it, and neither synced nor written back meanwhile, is not in the file: copied, that
// is as a power cut leaves a disk.
type disk struct{ image, folder string }

// mustMountDisk makes a disk with ext4.
func mustMountDisk(t *testing.T) disk {
	t.Helper()
	d := disk{image: filepath.Join(t.TempDir(), "disk"), folder: t.TempDir()}
	image, err := os.Create(d.image)
	must(t, err)
	must(t, image.Truncate(256<<20))
	must(t, image.Close())
	if out, err := exec.Command("mkfs.ext4", "-q", "-F", d.image).CombinedOutput(); err != nil {
		t.Skipf("no file system can be made here: %v %s", err, out)
	}
	if err := d.mount(t); err != nil {
		t.Skipf("a disk in a file cannot be mounted here: %v", err)
	}
	return d
}

// mount mounts the disk until the test ends.
func (d disk) mount(t *testing.T) error {
	t.Helper()
	if out, err := exec.Command("mount", "-o", "loop", d.image, d.folder).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	t.Cleanup(func() { must(t, syscall.Unmount(d.folder, syscall.MNT_DETACH)) })
	return nil
}

// mustCut mounts what a power cut would leave now, and returns the folder.
func (d disk) mustCut(t *testing.T) (folder string) {
	t.Helper()
	after := disk{image: filepath.Join(t.TempDir(), "disk"), folder: t.TempDir()}
	if out, err := exec.Command("cp", "--sparse=always", d.image, after.image).CombinedOutput(); err != nil {
		t.Fatalf("copying the disk: %v %s", err, out)
	}
	must(t, after.mount(t))
	return after.folder
}
