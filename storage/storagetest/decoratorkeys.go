package storagetest

import (
	"fmt"

	"github.com/tunica-go/tunica/storage"
)

func (p *probe[V, W]) keysAreStreamed() {
	const many = 20
	d := p.over(0)
	if d.lost(storage.OpKeys) {
		return
	}
	for _, at := range append(d.views(), d.base()) {
		for i := range many {
			d.set(at.store, fmt.Sprintf("key %02d", i), d.value(i), storage.NoExpiry)
		}
		d.spy.forget()
		keys := storage.Keys(d.Context(), at.store, "key ")
		if seen := d.spy.seen(); len(seen) > 0 {
			d.Errorf("Keys in %s, before a loop begins: the store below gets %s", at.what, texts(seen))
		}
		for range 2 {
			for range keys {
				break
			}
		}
		switch seen := d.spy.seen(); {
		case len(seen) != 2:
			d.Errorf("two loops over Keys in %s: the store below gets %s", at.what, texts(seen))
		case d.spy.handed() >= many:
			d.Errorf("two loops over Keys in %s that were left at once: the store below yields %d keys", at.what, d.spy.handed())
		}
		d.patiently("a loop over Keys in "+at.what+" that calls everything", func() error {
			calls := d.working()
			for key, err := range keys {
				if err != nil {
					return err
				}
				for _, o := range calls {
					if _, err := o.do(d.Context(), at.store, "other "+key, argument[W]{value: d.value(1)}); !answer(err) {
						return fmt.Errorf("%v: %w", o.op, err)
					}
				}
				calls = nil // once is enough
				if err := at.store.Delete(d.Context(), key); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// answer reports whether err is no failure.
func answer(err error) bool { return err == nil || !storage.Failed(err) }
