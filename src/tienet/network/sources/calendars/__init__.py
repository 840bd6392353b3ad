"""What the reader of calendars needs: files taken apart, clocks, rules of series, versions and copies of meetings."""
