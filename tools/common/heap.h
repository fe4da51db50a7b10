/* Memory of a program that runs once and is done. */
#ifndef COMMON_HEAP_H
#define COMMON_HEAP_H

/* To be called before all else. A run takes a few MiB from malloc; page by page that would be a
 * third of its time. So the heap gets room for them at once, in huge pages where the system gives
 * such, and what is given back is kept. Does nothing where malloc is not glibc's. */
void heap_prepare(void);

#endif
