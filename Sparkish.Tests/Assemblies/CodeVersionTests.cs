using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Sparkish.Assemblies;

namespace Sparkish.Tests.Assemblies;

internal sealed class CodeVersionTests
{
    [Test]
    public void After_a_hot_reload_no_code_is_sent()
    {
        var updates = new CodeUpdates();
        var before = (updates.Reason(), updates.ReasonAgainst(typeof(CodeVersionTests).Assembly));

        updates.Add([typeof(CodeVersionTests)]);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(before, Is.EqualTo(((string?)null, (string?)null)));
            Assert.That(updates.Reason(), Does.StartWith($"a hot reload changed {typeof(CodeVersionTests).FullName}").And.EndsWith("start the application again"));
            Assert.That(updates.ReasonAgainst(typeof(CodeVersionTests).Assembly), Is.EqualTo(updates.Reason()));
            Assert.That(updates.ReasonAgainst(typeof(object).Assembly), Is.Null);
        }
    }

    [Test]
    public void A_program_with_all_its_code_may_send_it()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(CodeVersion.ReasonAgainstProgram(), Is.Null);
            Assert.That(CodeVersion.ReasonAgainst(typeof(CodeVersionTests).Assembly), Is.Null);
            Assert.That(CodeVersion.ReasonAgainst(typeof(object).Assembly), Is.Null);
        }
    }

    [Test]
    public void A_script_runs_within_this_process_and_is_refused_by_the_call_for_executors_elsewhere()
    {
        var script = LoadScript();
        var count = (Func<SparkContext, int[]>)Delegate.CreateDelegate(typeof(Func<SparkContext, int[]>), script.GetMethod("Run")!);
        using var local = LocalContext.Start();
        using var cluster = LocalContext.Start("local-cluster[1,1,1024]");

        var result = count(local);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(result, Is.EqualTo(new[] { 2, 3 }));
            Assert.That(() => count(cluster),
                Throws.TypeOf<SerializationException>().With.Message.StartsWith("Map(...) cannot run on executors: its code is in assembly "));
        }
    }

    private const string Code =
        "public class Script { public static int[] Run(Sparkish.SparkContext sc) => sc.Parallelize(new[] { 1, 2 }).Map(x => x + 1).Collect(); }";

    // Scripts are compiled into assemblies with names that no file has, and loaded from memory.
    private static Type LoadScript()
    {
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is var name && (name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Sparkish.", StringComparison.Ordinal)))
            .Select(path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create("\u211B*0f8fad5b#1-0",
            [CSharpSyntaxTree.ParseText(Code)],
            references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        using var image = new MemoryStream();
        var emitted = compilation.Emit(image);
        Assert.That(emitted.Diagnostics, Is.Empty);
        image.Position = 0;
        return new AssemblyLoadContext("script").LoadFromStream(image).GetType("Script")!;
    }
}
