//! The vertical axis of a chart: its range, its ticks and where a value stands on it. How it is drawn
//! is the business of `chart`.

/// How values become heights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    /// Equal steps are equal factors. Only values above zero can be shown.
    Log,
    /// Equal steps are equal differences, from zero on.
    Linear,
}

/// An axis over some values.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    scale: Scale,
    low: f64,
    high: f64,
    ticks: Vec<f64>,
}

impl Axis {
    /// The least axis with round ends that shows all of `values`.
    pub(super) fn over(values: impl Iterator<Item = Option<f64>>, scale: Scale) -> Self {
        let values: Vec<f64> = values.flatten().collect();
        match scale {
            Scale::Log => Self::log(&values),
            Scale::Linear => Self::linear(&values),
        }
    }

    /// The values at which the axis has a line.
    pub(super) fn ticks(&self) -> &[f64] {
        &self.ticks
    }

    /// The height of a value, 0 at the foot of the axis and 1 at its top.
    pub(super) fn place(&self, value: f64) -> f64 {
        let height = match self.scale {
            Scale::Log => (value / self.low).log10() / (self.high / self.low).log10(),
            Scale::Linear => (value - self.low) / (self.high - self.low),
        };
        height.clamp(0.0, 1.0)
    }

    fn log(values: &[f64]) -> Self {
        let shown = || values.iter().copied().filter(|value| *value > 0.0);
        let least = shown().fold(f64::INFINITY, f64::min);
        let most = shown().fold(0.0, f64::max);
        let (least, most) = if least <= most { (least, most) } else { (1.0, 1.0) };
        let (low, high) = (least.log10().floor() as i32, most.log10().ceil() as i32);
        let high = high.max(low + 1);
        let steps: &[f64] = if high - low <= 2 { &[1.0, 2.0, 5.0] } else { &[1.0] };
        let end = 10_f64.powi(high);
        let decades = (low..high).map(|power| 10_f64.powi(power));
        let inner = decades.flat_map(|decade| steps.iter().map(move |step| step * decade));
        let ticks = inner.chain([end]).collect();
        Self { scale: Scale::Log, low: 10_f64.powi(low), high: end, ticks }
    }

    fn linear(values: &[f64]) -> Self {
        let most = values.iter().copied().fold(0.0, f64::max);
        let most = if most > 0.0 { most } else { 1.0 };
        let decade = 10_f64.powf((most / MOST_STEPS).log10().floor());
        let fits = |step: &f64| step * MOST_STEPS >= most;
        let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * decade).into_iter().find(fits);
        let step = step.unwrap_or(most);
        let steps = (most / step).ceil();
        let ticks = (0..=steps as u32).map(|index| f64::from(index) * step).collect();
        Self { scale: Scale::Linear, low: 0.0, high: steps * step, ticks }
    }
}

/// Most steps of a linear axis.
const MOST_STEPS: f64 = 5.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(values: &[f64], scale: Scale) -> Axis {
        Axis::over(values.iter().map(|value| Some(*value)).chain([None]), scale)
    }

    #[test]
    fn a_log_axis_ends_at_powers_of_ten() {
        let wide = axis(&[0.0, 3.0, 1_500.0], Scale::Log);
        assert_eq!(wide.ticks(), [1.0, 10.0, 100.0, 1e3, 1e4]);
        assert_eq!([1.0, 100.0, 1e4].map(|value| wide.place(value)), [0.0, 0.5, 1.0]);
        assert_eq!(axis(&[3.0], Scale::Log).ticks(), [1.0, 2.0, 5.0, 10.0]);
        assert_eq!(axis(&[], Scale::Log).ticks().len(), 4);
    }

    #[test]
    fn a_linear_axis_begins_at_zero() {
        let some = axis(&[0.7, 1.7], Scale::Linear);
        assert_eq!(some.ticks(), [0.0, 0.5, 1.0, 1.5, 2.0]);
        assert_eq!([0.0, 1.0, 2.0].map(|value| some.place(value)), [0.0, 0.5, 1.0]);
        assert_eq!(axis(&[0.0], Scale::Linear).ticks().last(), Some(&1.0));
    }
}
