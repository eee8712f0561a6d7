using Sparkish.Assemblies;

namespace Sparkish.Tests.Assemblies;

internal sealed class BinaryFormatTests
{
    [TestCase("7F454C46")]
    [TestCase("CFFAEDFE")]
    [TestCase("CEFAEDFE")]
    [TestCase("FEEDFACF")]
    [TestCase("CAFEBABE00000002")]
    public void Native_libraries_are_told_by_how_they_begin(string head) => Assert.That(BinaryFormat.IsBinary(Padded(head)));

    [TestCase("CAFEBABE00000041")] // a class of Java
    [TestCase("4D5A")]
    [TestCase("504B0304")]
    [TestCase("7B0A")]
    [TestCase("EFBBBF7B")]
    public void All_else_is_none(string head) => Assert.That(BinaryFormat.IsBinary(Padded(head)), Is.False);

    [Test]
    public void An_assembly_is_one_and_what_is_cut_off_is_not()
    {
        var assembly = File.ReadAllBytes(typeof(BinaryFormatTests).Assembly.Location);

        Assert.That(BinaryFormat.IsBinary(assembly));
        Assert.That(BinaryFormat.IsBinary(assembly.AsSpan(0, 40)), Is.False);
        Assert.That(BinaryFormat.IsBinary(typeof(BinaryFormatTests).Assembly.Location));
        Assert.That(BinaryFormat.IsBinary("/dev/zero"), Is.False, "it is no regular file");
    }

    private static byte[] Padded(string head) => [.. Convert.FromHexString(head), .. new byte[128]];
}
