/*
 * The lifecycle as a last value (ADR-0032): one writer, one watcher by changed({ since }), one
 * listener by subscribe(). It is written from the contract and not from the code, so that spin
 * checks the idea while the search in packages/resilience/test/lifecycle-model checks the code.
 *
 * An atomic block is one turn of the event loop. Between two of them anything may happen.
 * Each macro below makes one mistake, and spin has to find it.
 */

#define EVENTS 6

/* The snapshot: its identity, and the levels and totals in it. */
byte version = 0;
bool up = false;
byte epoch = 0;
byte staleCount = 0;
bool final = false;

/* What did happen. */
byte downs = 0;
byte silences = 0;

/* The watcher's wait. */
bool waiting = false;
bool more = true;

/* The listeners' task: one wake for any number of publications. */
bool subscribed = false;
bool dirty = false;
bool woken = false;

#define OUTAGES(e, u) ((e) == 0 -> 0 : ((u) -> (e) - 1 : (e)))

inline publish() {
  version++;
#ifdef LOST_WAKE
  if
  :: waiting && !final -> waiting = false; more = true
  :: else
  fi;
#else
  if
  :: waiting -> waiting = false; more = !final
  :: else
  fi;
#endif
  if
#ifdef WAKE_ONCE
  :: subscribed && version == 1 -> dirty = true; woken = true
#else
  :: subscribed -> dirty = true; woken = true
#endif
  :: else
  fi
}

active proctype writer() {
  byte n = 0;
  do
  :: n < EVENTS -> n++;
     if
     :: atomic { !up -> up = true; epoch++; publish() }
     :: atomic { up -> up = false; downs++; publish() }
     :: atomic { up -> staleCount++; silences++; publish() }
     :: skip
     fi
  :: break
  od;
  atomic {
    if
    :: up -> up = false; downs++
    :: else
    fi;
    final = true;
    publish()
  }
}

byte seen = 0;
byte foundDowns = 0;
byte foundSilences = 0;

active proctype watcher() {
  byte seenEpoch = 0;
  byte seenStale = 0;
  bool seenUp = false;
  bool last = false;
  do
  :: atomic {
       /* A look: what has happened since the one before follows from the two snapshots alone. */
#ifdef PHASE_ONLY
       if
       :: seenUp && !up -> foundDowns++
       :: else
       fi;
#else
       foundDowns = foundDowns + OUTAGES(epoch, up) - OUTAGES(seenEpoch, seenUp);
#endif
       foundSilences = foundSilences + staleCount - seenStale;
       seenEpoch = epoch; seenStale = staleCount; seenUp = up; seen = version;
       assert(foundDowns == downs && foundSilences == silences)
     };
     if
     :: last -> break
     :: else
     fi;
     atomic {
       /* changed({ since: seen }) */
#ifdef WITHOUT_SINCE
       if
       :: final -> more = false
       :: else -> waiting = true
       fi;
#else
       if
       :: final -> more = false
       :: !final && seen != version -> more = true
       :: else -> waiting = true
       fi;
#endif
       assert(!waiting || seen == version)
     };
     (!waiting);
#ifdef NO_LAST_LOOK
     if
     :: !more -> break
     :: else
     fi
#else
     last = !more
#endif
  od;
  assert(final && seen == version)
}

byte heard = 0;

active proctype listener() {
  atomic {
    /* The task that tells the listeners ends with the last value: a later one has no task. */
    subscribed = !final;
#ifndef NO_LOOK_AFTER_SUBSCRIBE
    heard = version
#endif
  };
  do
  :: atomic { woken -> woken = false };
#ifdef CLEARED_TOO_LATE
     heard = version;
     dirty = false;
     woken = false;
     if
     :: final -> break
     :: else
     fi
#else
     atomic {
       if
       :: dirty -> dirty = false; heard = version
       :: else
       fi;
       if
       :: final && !dirty -> break
       :: else
       fi
     }
#endif
  :: atomic { !subscribed -> break }
  od;
  assert(final && heard == version)
}
