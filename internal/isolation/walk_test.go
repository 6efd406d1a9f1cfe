package isolation

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/tunica-go/tunica/internal/full"
	"github.com/tunica-go/tunica/storage"
)

// deepest is how far a walk goes from its root. What it reaches from there is
// nothing that a view has.
const deepest = 8

// narrow is what a view makes of a scope: it is walked as a view of its own.
type narrow struct {
	path  string
	store reflect.Value
}

// walker walks what can be reached from a value.
type walker struct {
	root    reflect.Value
	seen    map[seen]bool
	found   []string // what must not be reachable, with the way to it
	narrows []narrow
}

type seen struct {
	typ     reflect.Type
	pointer any
}

// leaks returns what the holder of a view can reach beside it, in words.
func leaks(view any) []string {
	w := &walker{root: reflect.ValueOf(view), seen: make(map[seen]bool)}
	w.view("view", w.root)
	for range 2 {
		narrows := w.narrows
		w.narrows = nil
		for _, n := range narrows {
			w.root = n.store
			w.view(n.path, n.store)
		}
	}
	return w.found
}

// leaksOf is leaks of a value that is no view, such as an error.
func leaksOf(path string, value any) []string {
	w := &walker{seen: make(map[seen]bool)}
	w.walk(path, reflect.ValueOf(value), 0)
	return w.found
}

func (w *walker) find(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(w.found, text) {
		w.found = append(w.found, text)
	}
}

// view walks a view, which has no methods but those of package storage and
// Close.
func (w *walker) view(path string, v reflect.Value) {
	for v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	known := reflect.TypeFor[interface {
		full.Closer[[]byte]
		storage.MemoGetter[[]byte]
	}]()
	for m := range v.Type().Methods() {
		if _, ok := known.MethodByName(m.Name); !ok {
			w.find("%s, a %v, has a method %s", path, v.Type(), m.Name)
		}
	}
	w.walk(path, v, 0)
}

// walk looks at a value and at what can be reached from it.
func (w *walker) walk(path string, v reflect.Value, depth int) {
	if !v.IsValid() || depth > deepest || !v.CanInterface() {
		return
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer, reflect.Map, reflect.Slice, reflect.Func, reflect.Chan:
		if v.IsNil() {
			return
		}
	}
	if v.Kind() == reflect.Interface {
		w.walk(path, v.Elem(), depth)
		return
	}
	if w.met(v) {
		return
	}
	if isClient(v.Type()) {
		w.find("%s is a client, %v", path, v.Type())
		return
	}
	if isStore(v.Type()) && depth > 0 && !w.isRoot(v) {
		w.find("%s is a store, %v", path, v.Type())
		return
	}
	w.methods(path, v, depth)
	w.contents(path, v, depth)
}

// met reports whether v was there before.
func (w *walker) met(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Func, reflect.Chan:
	default:
		return false
	}
	key := seen{v.Type(), v.Pointer()}
	if w.seen[key] {
		return true
	}
	w.seen[key] = true
	return false
}

// isRoot reports whether v is the view itself, or what it points to.
func (w *walker) isRoot(v reflect.Value) bool {
	if v.Kind() != reflect.Pointer && v.CanAddr() {
		v = v.Addr()
	}
	return w.root.IsValid() && w.root.Type() == v.Type() && v.Kind() == reflect.Pointer && w.root.Pointer() == v.Pointer()
}

// contents walks the exported fields, the elements and what a function gives.
func (w *walker) contents(path string, v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Pointer:
		w.walk("*"+path, v.Elem(), depth+1)
	case reflect.Struct:
		w.fields(path, v, depth)
	case reflect.Slice, reflect.Array:
		for i := range min(v.Len(), 100) {
			w.walk(fmt.Sprintf("%s[%d]", path, i), v.Index(i), depth+1)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			w.walk(path+" key", key, depth+1)
			w.walk(path+"[…]", v.MapIndex(key), depth+1)
		}
	case reflect.Chan:
		w.promise(path+" element", v.Type().Elem())
	case reflect.Func:
		w.call(path, v, depth)
	}
}

// fields walks the exported fields, those too that an unexported embedded
// struct promotes.
func (w *walker) fields(path string, v reflect.Value, depth int) {
	for i := range v.NumField() {
		field, f := v.Type().Field(i), v.Field(i)
		if field.IsExported() {
			w.walk(path+"."+field.Name, f, depth+1)
			continue
		}
		if field.Anonymous && f.Kind() == reflect.Pointer && !f.IsNil() {
			f = f.Elem()
		}
		if field.Anonymous && f.Kind() == reflect.Struct {
			w.fields(path, f, depth)
		}
	}
}

// methods calls the methods without arguments, and looks at what others
// promise to return.
func (w *walker) methods(path string, v reflect.Value, depth int) {
	if v.Kind() != reflect.Pointer && v.CanAddr() {
		v = v.Addr()
	}
	for i := range v.NumMethod() {
		name := v.Type().Method(i).Name
		if slices.Contains([]string{"Close", "Wait", "Lock", "Unlock", "RLock", "RUnlock"}, name) {
			continue
		}
		w.call(path+"."+name, v.Method(i), depth)
	}
}

// scopes are what a hostile holder of a view asks for.
var scopes = []storage.Scope{
	{},
	{Prefix: "../"},
	{Name: "other"},
	{Prefix: "\x00"},
	{Prefix: ":"},
	{Prefix: "*"},
	{Prefix: "-8"},
	{Prefix: "%3A"},
	{Prefix: "other:"},
	{Prefix: "\xff\xfe"},
}

// call calls what needs no argument, or a scope only, and walks the results.
// A scope makes narrower views. What needs more is believed what it promises.
func (w *walker) call(path string, fn reflect.Value, depth int) {
	t := fn.Type()
	switch {
	case t.NumIn() == 0:
		for i, result := range fn.Call(nil) {
			w.walk(fmt.Sprintf("%s() %d", path, i), result, depth+1)
		}
	case t.NumIn() == 1 && t.In(0) == reflect.TypeFor[storage.Scope]():
		for _, scope := range scopes[:2] {
			for _, result := range fn.Call([]reflect.Value{reflect.ValueOf(scope)}) {
				if isStore(result.Type()) && strings.HasSuffix(path, ".In") {
					w.narrows = append(w.narrows, narrow{fmt.Sprintf("%s(%q)", path, scope.Prefix), result.Elem()})
				} else {
					w.walk(path+"(…)", result, depth+1)
				}
			}
		}
	default:
		for out := range t.Outs() {
			w.promise(path+"(…)", out)
		}
	}
}

// promise looks at a type of which there is no value.
func (w *walker) promise(path string, t reflect.Type) {
	if isStore(t) || isClient(t) {
		w.find("%s is a %v", path, t)
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Chan:
		w.promise(path, t.Elem())
	case reflect.Func:
		for out := range t.Outs() {
			w.promise(path+"(…)", out)
		}
	}
}

// isStore reports whether values of the type, or pointers to them, are stores
// of any type of value.
func isStore(t reflect.Type) bool {
	has := func(t reflect.Type) bool {
		for _, name := range []string{"Get", "Set", "Delete"} {
			if m, ok := t.MethodByName(name); !ok || !strings.HasSuffix(m.Type.String(), "error") && !strings.HasSuffix(m.Type.String(), "error)") {
				return false
			}
		}
		return true
	}
	return has(t) || t.Kind() != reflect.Interface && t.Kind() != reflect.Pointer && has(reflect.PointerTo(t))
}

// isClient reports whether the type is the driver's.
func isClient(t reflect.Type) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return strings.HasPrefix(t.PkgPath(), "github.com/redis/")
}
