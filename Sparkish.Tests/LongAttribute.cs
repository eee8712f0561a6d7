namespace Sparkish.Tests;

/// <summary>
/// Marks a test, or a fixture of tests, that takes many seconds: a soak, many processes, a million frames. <c>dotnet test</c> leaves out this category
/// unless a filter asks for it: <c>dotnet test -c Release --filter TestCategory=Long</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class)]
internal sealed class LongAttribute() : CategoryAttribute(Category)
{
    /// <summary>The category's name, also for single cases of a test: <c>[TestCase(1_000_000, Category = LongAttribute.Category)]</c>.</summary>
    public const string Category = "Long";
}
