using Sparkish.Deploy;

namespace Sparkish.Tests.Deploy;

internal sealed class ResourceAllotmentTests
{
    private static readonly ResourceInformation[] Free = [new("gpu", ["0", "1", "2"]), new("fpga", ["f"])];

    [Test]
    public void Units_are_taken_whole_and_returned()
    {
        var chosen = ResourceAllotment.Choose(Free, [new ResourceRequirement("gpu", 2)]);

        var left = ResourceAllotment.Take(Free, chosen);
        var back = ResourceAllotment.Return(left, chosen);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(chosen!.Single().Addresses, Is.EqualTo(new[] { "0", "1" }));
            Assert.That(left!.Single(resource => resource.Name == "gpu").Addresses, Is.EqualTo(new[] { "2" }));
            Assert.That(back!.Select(resource => string.Join(',', resource.Addresses)), Is.EqualTo(new[] { "0,1,2", "f" }));
        }
    }

    [TestCase("", "", true)]
    [TestCase("", "gpu 1", true)]
    [TestCase("gpu 1", "", false)]
    [TestCase("gpu 1", "gpu 2", true)]
    [TestCase("gpu 2", "gpu 1", false)]
    [TestCase("gpu 1", "fpga 1, gpu 1", true)]
    [TestCase("fpga 1, gpu 1", "gpu 1", false)]
    public void Requirements_are_no_larger_than_others_that_cover_each_of_them(string ones, string others, bool expected)
    {
        Assert.That(ResourceAllotment.IsNoLargerThan(Parse(ones), Parse(others)), Is.EqualTo(expected));

        static ResourceRequirement[] Parse(string text) =>
            [.. text.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(one => new ResourceRequirement(one[..^2], one[^1] - '0'))];
    }

    [Test]
    public void A_unit_that_is_taken_cannot_be_taken_again() =>
        Assert.That(ResourceAllotment.Take([new ResourceInformation("gpu", ["1"])], [new ResourceInformation("gpu", ["0"])]), Is.Null);

    [Test]
    public void A_resource_that_a_worker_lacks_leaves_no_room() =>
        Assert.That(ResourceAllotment.RoomFor([new ResourceRequirement("gpu", 1)], free: null), Is.Zero);

    [Test]
    public void The_scarcest_resource_decides() => Assert.That(
        ResourceAllotment.RoomFor([new ResourceRequirement("gpu", 1), new ResourceRequirement("fpga", 1)], ResourceAllotment.Count(Free)), Is.EqualTo(1));

    [Test]
    public void Without_requirements_nothing_is_chosen() => Assert.That(ResourceAllotment.Choose(Free, null), Is.Null);
}
