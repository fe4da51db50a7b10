/* The page of the timelines without its data. */
#ifndef PTOLOWER_TIME_PAGE_TEXT_H
#define PTOLOWER_TIME_PAGE_TEXT_H

/* `@DATA@` stands where the data belong. */
extern const char time_page_text[];

#endif
