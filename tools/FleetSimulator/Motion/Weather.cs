namespace DroneDelivery.FleetSimulator.Motion;

/// <summary>
/// The wind over the service area: a constant vector and a slow variation, both drawn from the seed. It depends on the time alone,
/// so the same seed gives the same wind at the same time, also after a restart.
/// </summary>
internal sealed class Weather
{
    /// <summary>Upper bound of the wind at normal speed, m/s; well below every drone's airspeed.</summary>
    public const double MaxSpeed = 6;

    private const double SlowPeriod = 23 * 60;
    private const double FastPeriod = 7 * 60;

    private readonly double _speedUp;
    private readonly double _speed;
    private readonly double _direction;
    private readonly double _slowPhase;
    private readonly double _fastPhase;

    /// <param name="seed">Of the weather.</param>
    /// <param name="speedUp">How many times faster than normal the drones are; the wind keeps its proportion.</param>
    public Weather(int seed, double speedUp)
    {
        var random = new Random(seed);
        _speedUp = speedUp;
        _speed = 1.5 + (3 * random.NextDouble());
        _direction = Math.Tau * random.NextDouble();
        _slowPhase = Math.Tau * random.NextDouble();
        _fastPhase = Math.Tau * random.NextDouble();
    }

    /// <summary>The wind at a time.</summary>
    public WindVector At(DateTimeOffset time)
    {
        var seconds = time.ToUnixTimeMilliseconds() / 1000.0 * _speedUp;
        var slow = Math.Sin((Math.Tau * (seconds % SlowPeriod / SlowPeriod)) + _slowPhase);
        var fast = Math.Sin((Math.Tau * (seconds % FastPeriod / FastPeriod)) + _fastPhase);
        var speed = _speed * (1 + (0.2 * slow) + (0.1 * fast)) * _speedUp;
        var (sin, cos) = Math.SinCos(_direction + (0.3 * slow));
        return new WindVector(speed * sin, speed * cos);
    }
}
