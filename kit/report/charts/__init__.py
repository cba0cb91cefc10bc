"""What all charts share: one look, their axes, and the step from a drawing to SVG."""
