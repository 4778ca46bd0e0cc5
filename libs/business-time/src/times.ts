const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;

/** True for `00:00` to `23:59`. */
export const isTimeOfDay = (text: string): boolean => TIME.test(text);

/** Minutes since midnight of `HH:mm`, up to `24:00`. @throws RangeError for what is no time of day. */
export const minutesOf = (time: string): number => {
  const minutes = Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
  if (time.length !== 5 || !(minutes >= 0 && minutes <= 1_440)) throw new RangeError(`not a time of day: ${time}`);
  return minutes;
};
