package eventlog

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// mustMountImage mounts the file system in a file until the test ends, or skips the test where it may not.
func mustMountImage(t *testing.T, image string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if out, err := exec.Command("mount", "-o", "loop", image, dir).CombinedOutput(); err != nil {
		t.Skipf("a disk in a file cannot be mounted here: %v %s", err, out)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// mustMakeDisk makes a file system in a file that puts on disk what is synced,
// and no more: a journal would take along what was done before.
func mustMakeDisk(t *testing.T) (image string) {
	t.Helper()
	image = filepath.Join(t.TempDir(), "disk")
	file, err := os.Create(image)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(file.Truncate(128<<20), file.Close()); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mkfs.ext4", "-q", "-F", "-O", "^has_journal", image).CombinedOutput(); err != nil {
		t.Skipf("no file system can be made here: %v %s", err, out)
	}
	return image
}

// Whoever was refused sends again, and what is kept then stands in another
// segment: were the first to come back with a power cut, it would be there twice.
func TestWhatAFailedSyncLeftStaysAwayThroughAPowerCut(t *testing.T) {
	image := mustMakeDisk(t)
	w := writer{dir: mustMountImage(t, image), limit: 1 << 20, next: 1}
	defer w.close() //nolint:errcheck // the folder goes with it
	if _, err := w.write([]byte("kept")); err != nil {
		t.Fatal(err)
	}
	if _, err := w.file.WriteAt([]byte("refused"), w.size); err != nil {
		t.Fatal(err)
	}
	if err := w.file.Sync(); err != nil { // as the kernel writes back what it likes
		t.Fatal(err)
	}
	w.tainted, w.giveUp = true, true
	if written, err := w.write([]byte("sent again")); err != nil || written.number != 2 {
		t.Fatalf("write to segment %d: %v, want 2", written.number, err)
	}

	after := filepath.Join(t.TempDir(), "disk")
	if out, err := exec.Command("cp", "--sparse=always", image, after).CombinedOutput(); err != nil {
		t.Fatalf("copying the disk: %v %s", err, out)
	}
	content, err := os.ReadFile(segmentPath(mustMountImage(t, after), 1))
	if err != nil || string(content[segmentHeader:]) != "kept" {
		t.Errorf("segment 1 after the cut: %.40q, %v", content, err)
	}
}
