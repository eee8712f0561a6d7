using System.Reflection;
using System.Text;
using Sparkish.Serialization.Closures.Analysis;

namespace Sparkish.Tests.Serialization.Closures;

/// <summary>Following an object through code, tried on all the code at hand.</summary>
internal sealed class SelfFlowTests
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static IEnumerable<TestCaseData> Assemblies =>
        new[] { typeof(SparkConf), typeof(SparkContext), typeof(SelfFlowTests), typeof(object), typeof(TestAttribute) }
            .Select(type => new TestCaseData(type.Assembly).SetArgDisplayNames(type.Assembly.GetName().Name!));

    [TestCaseSource(nameof(Assemblies))]
    public void The_code_of_every_method_can_be_followed_to_its_end(Assembly assembly)
    {
        var methods = Methods(assembly).ToArray();

        var lost = methods.Where(
            method => SelfFlow.Of(method, method.DeclaringType!).Escape is "is code that cannot be analyzed" or "calls an unknown method");

        Assert.That(methods, Has.Length.GreaterThan(500));
        Assert.That(lost.Select(method => $"{method.DeclaringType}.{method.Name}").Take(20), Is.Empty);
    }

    [TestCaseSource(nameof(Assemblies))]
    public void Fields_that_are_found_are_among_those_that_the_code_names(Assembly assembly)
    {
        foreach (var method in Methods(assembly))
        {
            var flow = SelfFlow.Of(method, method.DeclaringType!);

            Assert.That(flow.Fields, Is.SubsetOf(Named(method)), $"{method.DeclaringType}.{method.Name}");
        }
    }

    [Test]
    public void A_getter_uses_its_field_and_nothing_escapes()
    {
        var flow = SelfFlow.Of(typeof(StringBuilder).GetProperty(nameof(StringBuilder.MaxCapacity))!.GetMethod!, typeof(StringBuilder));

        Assert.That((flow.Fields.Count, flow.Called.Count, flow.Escape), Is.EqualTo((1, 0, (string?)null)));
    }

    [Test]
    public void A_method_that_returns_its_object_lets_it_escape()
    {
        var flow = SelfFlow.Of(typeof(SparkConf).GetMethod(nameof(SparkConf.Set), [typeof(string), typeof(string)])!, typeof(SparkConf));

        Assert.That(flow.Escape, Is.EqualTo("returns it"));
    }

    private static IEnumerable<MethodBase> Methods(Assembly assembly) => assembly.GetTypes()
        .Where(type => type is { IsClass: true, ContainsGenericParameters: false } && !type.IsSubclassOf(typeof(Delegate)))
        .SelectMany(type => type.GetMethods(Declared))
        .Where(method => method.GetMethodBody() is not null);

    private static HashSet<MemberKey> Named(MethodBase method)
    {
        var tokens = new IlTokens(method);
        return [.. IlReader.Read(method.GetMethodBody()).Select(tokens.Member).OfType<FieldInfo>().Select(MemberKey.Of)];
    }
}
