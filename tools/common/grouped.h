/* Numbers as people read them. */
#ifndef PTOLOWER_GROUPED_H
#define PTOLOWER_GROUPED_H

enum { GROUPED_SIZE = 40 };

/* A number without its fraction, in groups of three digits: "-12,345". Gives `out`. */
const char *grouped_text(double value, char out[GROUPED_SIZE]);

/* How many in a hundred `part` is of `whole`; 0 of nothing. */
double percent_of(double part, double whole);

#endif
