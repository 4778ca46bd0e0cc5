export { type Book, type BookOptions, major, makeBook, minimumDueOf, openBook } from './book.js';
export { type BookRow, type Column, columns } from './columns.js';
export { csvHeader, csvLine, type WrittenFile, writeBook } from './write-book.js';
