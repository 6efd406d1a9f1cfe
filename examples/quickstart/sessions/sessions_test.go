package sessions

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

// TestSlide tests that a session lasts as long as it is used, and that this
// costs a write for each half of its time and not one for each use.
func TestSlide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, calls := storagetest.Faulty[[]byte](memstore.New[[]byte]())
		p := New(store)
		if err := p.Login(t.Context(), "id", "ann"); err != nil {
			t.Fatal(err)
		}
		for range 180 { // three hours
			time.Sleep(time.Minute)
			if session, err := p.Resume(t.Context(), "id"); err != nil || session.User != "ann" {
				t.Fatalf("%v, %v", session, err)
			}
		}
		if n := calls.Calls(storage.OpTouch); n < 11 || n > 12 {
			t.Errorf("%d writes in three hours of use, want one each 15 minutes", n)
		}
		time.Sleep(TTL)
		if _, err := p.Resume(t.Context(), "id"); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("a session that nobody used: %v, want %v", err, storage.ErrNotFound)
		}
	})
}

func TestMemoryByDefault(t *testing.T) {
	p := New(nil)
	if err := p.Login(t.Context(), "id", "ann"); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Resume(t.Context(), "id"); err != nil {
		t.Error(err)
	}
	if err := p.Logout(t.Context(), "id"); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Resume(t.Context(), "id"); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("after Logout: %v, want %v", err, storage.ErrNotFound)
	}
}
