"""The counter: reads change a station's session, sessions write the journal, closing turns it into moves."""
