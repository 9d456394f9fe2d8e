using CsCheck;
using DroneDelivery.FleetSimulator.Missions;
using DroneDelivery.FleetSimulator.Motion;

namespace DroneDelivery.FleetSimulator.Tests;

public sealed class FleetTests
{
    [Fact]
    public void Fleet_of_any_size_has_half_its_drones_lift_ten_kilograms()
    {
        for (var size = 1; size <= 200; size++)
            Assert.True(Enumerable.Range(0, size).Count(i => DroneModel.Of(i).Capabilities.MaxPayload >= 10) * 2 >= size, $"of {size}");
    }

    [Fact]
    public void Fleet_of_a_few_drones_has_all_models() =>
        Assert.Equal(3, Enumerable.Range(0, 5).Select(DroneModel.Of).Distinct().Count());

    [Fact]
    public void Models_fully_loaded_reach_thirty_kilometres() =>
        Assert.All(DroneModel.All, model => Assert.True(model.Capabilities.RangeWith(model.Capabilities.MaxPayload) >= 30_000));

    [Fact]
    public void Speed_up_keeps_the_energy_of_a_metre() => DroneGen.SpeedUp.Sample(speedUp =>
        Assert.All(DroneModel.All, model => Assert.Equal(
            model.Capabilities.RangeWith(3), model.Capabilities.Faster(speedUp).RangeWith(3), 1e-6)));

    [Fact]
    public void Weather_of_a_seed_is_the_same_again_and_bounded() =>
        Gen.Select(Gen.Int, DroneGen.SpeedUp, Gen.Long[0, 4_000_000_000]).Sample((seed, speedUp, seconds) =>
        {
            var time = DateTimeOffset.FromUnixTimeSeconds(seconds);
            var wind = new Weather(seed, speedUp).At(time);
            Assert.Equal(wind, new Weather(seed, speedUp).At(time));
            Assert.InRange(wind.Speed, 0, Weather.MaxSpeed * speedUp);
        });

    [Fact]
    public void Weather_of_another_seed_differs() =>
        Assert.NotEqual(new Weather(1, 60).At(DateTimeOffset.UnixEpoch), new Weather(2, 60).At(DateTimeOffset.UnixEpoch));

    [Fact]
    public void Weather_changes_slowly() => Gen.Select(Gen.Int, Gen.Long[0, 4_000_000_000]).Sample((seed, seconds) =>
    {
        var weather = new Weather(seed, 1);
        var (now, then) = (weather.At(DateTimeOffset.FromUnixTimeSeconds(seconds)), weather.At(DateTimeOffset.FromUnixTimeSeconds(seconds + 1)));
        Assert.True(Math.Abs(now.East - then.East) + Math.Abs(now.North - then.North) < 0.05);
    });

    [Fact]
    public void Stations_lie_within_the_area_and_pads_beside_them() =>
        Gen.Select(Gen.Int[1, 50], Gen.Double[500, 20_000], Gen.Int[0, 5000]).Sample((stations, radius, index) =>
        {
            var area = new ServiceArea(DroneGen.Center, radius, stations);
            var pad = area.Pad(index);
            Assert.Equal(0, pad.Altitude);
            Assert.True(area.Station(index % stations).DistanceTo(pad) <= 3 * Math.Sqrt(index / stations) + 0.01);
            Assert.True(area.Center.DistanceTo(area.Station(index % stations)) <= radius);
        });

    [Fact]
    public void Drones_with_the_same_wind_and_orders_fly_the_same_way() => Gen.Int[0, 1000].Sample(seed =>
    {
        Assert.Equal(Fly(seed), Fly(seed));

        static List<DroneMemory> Fly(int seed)
        {
            var weather = new Weather(seed, 60);
            var flight = new TestFlight();
            flight.Hear(flight.Order(pickup: DroneGen.Center));
            return [.. Enumerable.Range(0, 300).Select(_ => flight.Step(weather.At(flight.Now)))];
        }
    }, iter: 5);
}
