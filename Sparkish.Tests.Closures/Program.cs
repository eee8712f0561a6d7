// Sends functions of every shape to a process of its own and tells what became of them, a line of JSON for each:
//   send   cleans and serializes all shapes, starts this program again to run them, and prints the outcomes
//   check  cleans all shapes twice and prints the names of those whose objects changed, or whose second copy differs
//   run    runs what it reads from its standard input
// Top-level statements are a shape of their own, so some of the functions stand here.
using Sparkish.Tests.Closures;

var factor = 3;
var words = new List<string> { "a", "b" };
const int Fixed = 7;
using var console = new StringWriter();
Action<string> say = line => console.WriteLine($"{line} {args.Length}");

int Scale(int x) => x * factor;
static int Twice(int x) => 2 * x;
int Sum(int x) => x == 0 ? 0 : x + Sum(x - 1);
async Task<int> LaterAsync(int x)
{
    await Task.Yield();
    return Scale(x);
}

IEnumerable<int> Upto(int x)
{
    for (var i = 0; i < x; i++) yield return i * factor;
}

List<Shape> shapes =
[
    new("top-level: a local variable", (int x) => x * factor, "12"),
    new("top-level: two local variables", (int x) => words[x % 2] + factor, "a3"),
    new("top-level: a local constant", (int x) => x + Fixed, "11"),
    new("top-level: a static lambda", static (int x) => x + 1, "5"),
    new("top-level: a local function", Scale, "12"),
    new("top-level: a static local function", Twice, "8"),
    new("top-level: a local function that calls itself", Sum, "10"),
    new("top-level: a lambda that calls local functions", (int x) => Scale(x) + Twice(x), "20"),
    new("top-level: an async lambda", async (int x) => await LaterAsync(x) + 1, "13"),
    new("top-level: a local iterator", (int x) => Upto(x), "[0, 3, 6, 9]"),
];
foreach (var word in words) shapes.Add(new Shape($"top-level: a foreach variable, {word}", (int x) => word + x, $"{word}4"));
shapes.AddRange(AllShapes.Make());
say("made");

switch (args)
{
    case ["send"]: return Parent.Send(shapes);
    case ["check"]: return Checks.Run(shapes);
    case ["run"]: return Child.Run();
    default:
        Console.Error.WriteLine("send, check or run");
        return 1;
}
